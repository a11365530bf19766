import { err, ok, type Result } from '@quarry/domain'
import type { LeaderLease, Leadership, LeaseLost } from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

/** Named leases, one row each. */
export class SqliteLeaderLease implements LeaderLease {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  read(name: string): Promise<Leadership | undefined> {
    return this.#engine.read(() => this.#find(name))
  }

  takeOver(
    name: string,
    by: { holder: string; address: string },
    seen: Leadership | undefined,
  ): Promise<Result<Leadership, LeaseLost>> {
    return this.#engine.write(() => {
      const current = this.#find(name)
      if (current !== undefined && (current.epoch !== seen?.epoch || current.beat !== seen.beat)) {
        return err({ kind: 'lease-lost', current })
      }
      const next = {
        holder: by.holder,
        address: by.address,
        epoch: (current?.epoch ?? 0) + 1,
        beat: (current?.beat ?? 0) + 1,
      }
      return ok(this.#put(name, next))
    })
  }

  renew(name: string, held: Leadership): Promise<Result<Leadership, LeaseLost>> {
    return this.#engine.write(() => {
      const current = this.#find(name)
      if (current === undefined) throw new Error(`Nobody ever held the lease ${name}`)
      if (current.epoch !== held.epoch) return err({ kind: 'lease-lost', current })
      return ok(this.#put(name, { ...current, beat: current.beat + 1 }))
    })
  }

  #find(name: string): Leadership | undefined {
    return this.#engine
      .prepare<Leadership>('SELECT holder, address, epoch, beat FROM leader_lease WHERE name = ?')
      .get(name)
  }

  #put(name: string, lease: Leadership): Leadership {
    this.#engine
      .prepare('REPLACE INTO leader_lease (name, holder, address, epoch, beat) VALUES (?, ?, ?, ?, ?)')
      .run(name, lease.holder, lease.address, lease.epoch, lease.beat)
    return lease
  }
}

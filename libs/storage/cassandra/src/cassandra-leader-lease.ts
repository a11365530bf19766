import { err, ok, type Result } from '@quarry/domain'
import type { LeaderLease, Leadership, LeaseLost } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface LeaseRow {
  readonly holder: string
  readonly address: string
  readonly epoch: types.Long
  readonly beat: types.Long
}

/** Named leases, one row each, read and written by Paxos alone. */
export class CassandraLeaderLease implements LeaderLease {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async read(name: string): Promise<Leadership | undefined> {
    const [row] = await this.#engine.readSerial<LeaseRow>(
      'SELECT holder, address, epoch, beat FROM leader_lease WHERE name = ?',
      name,
    )
    if (row === undefined) return undefined
    return { holder: row.holder, address: row.address, epoch: row.epoch.toNumber(), beat: row.beat.toNumber() }
  }

  async takeOver(
    name: string,
    by: { holder: string; address: string },
    seen: Leadership | undefined,
  ): Promise<Result<Leadership, LeaseLost>> {
    const { holder, address } = by
    const next = { holder, address, epoch: (seen?.epoch ?? 0) + 1, beat: (seen?.beat ?? 0) + 1 }
    const { applied } = await this.#engine.decide(
      seen === undefined
        ? {
            query: 'INSERT INTO leader_lease (name, holder, address, epoch, beat) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS',
            params: [name, holder, address, next.epoch, next.beat],
          }
        : {
            query: `UPDATE leader_lease SET holder = ?, address = ?, epoch = ?, beat = ?
                    WHERE name = ? IF epoch = ? AND beat = ?`,
            params: [holder, address, next.epoch, next.beat, name, seen.epoch, seen.beat],
          },
    )
    return applied ? ok(next) : err({ kind: 'lease-lost', current: await this.#current(name) })
  }

  async renew(name: string, held: Leadership): Promise<Result<Leadership, LeaseLost>> {
    for (let latest = held; ;) {
      const next = { ...latest, beat: latest.beat + 1 }
      const { applied } = await this.#engine.decide({
        query: 'UPDATE leader_lease SET beat = ? WHERE name = ? IF epoch = ? AND beat = ?',
        params: [next.beat, name, latest.epoch, latest.beat],
      })
      if (applied) return ok(next)
      // An own renewal whose answer was lost has moved the beat on; only another's epoch ends the lease.
      const current = await this.#current(name)
      if (current.epoch !== held.epoch) return err({ kind: 'lease-lost', current })
      latest = current
    }
  }

  async #current(name: string): Promise<Leadership> {
    const current = await this.read(name)
    if (current === undefined) throw new Error(`Nobody ever held the lease ${name}`)
    return current
  }
}

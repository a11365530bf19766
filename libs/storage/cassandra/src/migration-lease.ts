import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Leadership } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { CassandraLeaderLease } from './cassandra-leader-lease.ts'

const LEASE = 'schema-migration'
const BEAT_MS = 1_000
const LOOK_MS = 250
/** Nobody: a migrator that has finished leaves the lease so, and the next one need not wait for it. */
const NOBODY = { holder: '', address: '' }

export interface LeaseOptions {
  readonly tell: (line: string) => void
  readonly takeOverAfterMs: number
}

/**
 * Runs `work` while this process alone holds the migration lease, its beat moving all the while. `work` asks before each
 * step by `stillHeld`, which throws once another migrator has taken the lease for a dead one's.
 */
export async function holdMigration<T>(
  engine: CassandraEngine,
  options: LeaseOptions,
  work: (stillHeld: () => void) => Promise<T>,
): Promise<T> {
  const lease = new CassandraLeaderLease(engine)
  let held = await take(lease, options)
  let lost: Error | undefined
  let renewal: Promise<void> = Promise.resolve()
  const beat = setInterval(() => {
    renewal = renewal
      .then(async () => {
        const renewed = await lease.renew(LEASE, held)
        if (renewed.ok) held = renewed.value
        else lost = new Error(`Another migrator (${renewed.error.current.holder}) has taken over`)
      })
      .catch(() => undefined)
  }, BEAT_MS)
  try {
    return await work(() => {
      if (lost !== undefined) throw lost
    })
  } finally {
    clearInterval(beat)
    await renewal
    // Whoever cannot say that the lease is free leaves it to the next one to find out.
    await lease.takeOver(LEASE, NOBODY, held).catch(() => undefined)
  }
}

/** Waits until nobody holds the lease, or its beat has stood still for `takeOverAfterMs` of this process's own time. */
async function take(lease: CassandraLeaderLease, { tell, takeOverAfterMs }: LeaseOptions): Promise<Leadership> {
  const me = { holder: `${hostname()}:${process.pid}`, address: '' }
  let seen = await lease.read(LEASE)
  let movedAt = performance.now()
  let told = false
  while (true) {
    if (seen === undefined || seen.holder === NOBODY.holder || performance.now() - movedAt >= takeOverAfterMs) {
      const taken = await lease.takeOver(LEASE, me, seen)
      if (taken.ok) return taken.value
    }
    if (!told && seen !== undefined && seen.holder !== NOBODY.holder) tell(`Waiting for the migrator ${seen.holder}.`)
    told ||= seen !== undefined && seen.holder !== NOBODY.holder
    await sleep(LOOK_MS)
    const current = await lease.read(LEASE)
    if (current?.epoch !== seen?.epoch || current?.beat !== seen?.beat) movedAt = performance.now()
    seen = current
  }
}

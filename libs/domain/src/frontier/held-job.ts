import type { Instant } from '../clock.ts'
import type { DeviceId } from '../ids.ts'
import type { HeapOrder } from './indexed-heap.ts'
import type { Job } from './job.ts'
import type { LeaseToken } from './lease.ts'
import { serveOrder } from './job.ts'
import { IndexedHeap } from './indexed-heap.ts'

/**
 * `waiting` in its host's queue, `delayed` until `wakeAt`, `leased` until `wakeAt`; out of attempts or patience it is
 * `dead` (not reaped before `wakeAt`) or, while a reaper holds it, `reaped` until `wakeAt`.
 */
export type HeldState = 'waiting' | 'delayed' | 'leased' | 'dead' | 'reaped'

/** A job as the frontier holds it. Times are steady times. */
export class HeldJob {
  readonly job: Job
  readonly host: Host
  readonly serveOrder: number
  readonly arrival: number
  readonly patienceUntil: Instant
  state: HeldState = 'waiting'
  wakeAt: Instant = 0
  token: LeaseToken | undefined
  attemptsMade = 0
  triedBy: readonly DeviceId[] = []
  hostPosition = -1
  timePosition = -1

  constructor(job: Job, host: Host, at: { arrival: number; patienceUntil: Instant }) {
    this.job = job
    this.host = host
    this.serveOrder = serveOrder(job)
    this.arrival = at.arrival
    this.patienceUntil = at.patienceUntil
  }
}

/** Lowest `serveOrder` first; of equals, the first that came. */
export function servedBefore(a: HeldJob, b: HeldJob): boolean {
  return a.serveOrder === b.serveOrder ? a.arrival < b.arrival : a.serveOrder < b.serveOrder
}

export const byServeOrder: HeapOrder<HeldJob> = {
  comesBefore: servedBefore,
  positionOf: (held) => held.hostPosition,
  setPosition: (held, position) => {
    held.hostPosition = position
  },
}

const timePlace = {
  positionOf: (held: HeldJob) => held.timePosition,
  setPosition: (held: HeldJob, position: number) => {
    held.timePosition = position
  },
}

/** A waiting job sits in its host's queue and here, a job of any other state in one heap `byWakeTime`. */
export const byPatience: HeapOrder<HeldJob> = {
  comesBefore: (a, b) => a.patienceUntil < b.patienceUntil,
  ...timePlace,
}

export const byWakeTime: HeapOrder<HeldJob> = {
  comesBefore: (a, b) => (a.wakeAt === b.wakeAt ? a.arrival < b.arrival : a.wakeAt < b.wakeAt),
  ...timePlace,
}

/** One host's queue and manners. Times are steady times. */
export class Host {
  readonly name: string
  readonly queue = new IndexedHeap<HeldJob>(byServeOrder)
  /** Never before `demandedUntil`, and later while the lease of `busyWith` may still send requests. */
  nextAllowedAt: Instant = -Infinity
  /** What claims and news demand, whatever becomes of the leases. */
  demandedUntil: Instant = -Infinity
  lastClaimAt: Instant = -Infinity
  /** The latest claim's lease, until it is acknowledged or released; none when that claim had no gap to keep. */
  busyWith: LeaseToken | undefined
  crawlDelayMs = 0
  /** Jobs of the host in any state. */
  held = 0
  place: 'ready' | 'pausing' | 'idle' | 'nowhere' = 'nowhere'
  position = -1

  constructor(name: string) {
    this.name = name
  }
}

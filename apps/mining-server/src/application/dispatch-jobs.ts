import type { Assignment } from '@quarry/contracts'
import { isTestFetch, type CancelTimer, type Clock } from '@quarry/domain'
import type { JobQueue, Lease, LiveEvents } from '@quarry/messaging-port'
import type { RefuseDenied } from './refuse-denied.ts'
import type { HeldLeases } from './held-leases.ts'
import { freeCapacity, type MinerSession } from './miner-session.ts'

const CLAIM_BATCH = 256
/** How many miners with free capacity are looked at to find one that has not tried the job before. */
const CANDIDATES = 8
const RETRY_MS = 250

export interface DispatchRules {
  readonly server: string
  /** How long the miner has. */
  readonly leaseMs: number
  /** How much longer the lease lasts in the queue. */
  readonly overdueMs: number
  readonly maxBodyBytes: number
}

/**
 * Claims as many jobs as the connected miners have free capacity for, and hands them out: to miners in turn, a retry
 * to one that has not tried it before where there is one. Never polls: it is woken by jobs, by capacity, and by the
 * time that the queue names.
 */
export class DispatchJobs {
  readonly #queue: JobQueue
  readonly #clock: Clock
  readonly #held: HeldLeases
  readonly #refuse: Pick<RefuseDenied, 'sift'> | undefined
  readonly #live: LiveEvents
  readonly #rules: DispatchRules
  readonly #onError: (error: unknown) => void
  /** Sessions with free capacity, the one served longest ago first. */
  readonly #free = new Set<MinerSession>()
  #claiming: Promise<void> | undefined
  #wokenWhileClaiming = false
  #cancelTimer: CancelTimer | undefined
  #stopped = false

  constructor(
    deps: {
      queue: JobQueue
      clock: Clock
      held: HeldLeases
      live: LiveEvents
      /** Keeps jobs back that no miner may get; without it every job may go. */
      refuse?: Pick<RefuseDenied, 'sift'>
      onError: (error: unknown) => void
    },
    rules: DispatchRules,
  ) {
    this.#queue = deps.queue
    this.#clock = deps.clock
    this.#held = deps.held
    this.#refuse = deps.refuse
    this.#live = deps.live
    this.#onError = deps.onError
    this.#rules = rules
  }

  /** The session's capacity or outstanding work changed, or it is new. */
  capacityChanged(session: MinerSession): void {
    if (freeCapacity(session) > 0) this.#free.add(session)
    else this.#free.delete(session)
    this.wake()
  }

  leave(session: MinerSession): void {
    this.#free.delete(session)
  }

  /** Something may be claimable. Cheap to call often: one claim is under way at most. */
  wake(): void {
    if (this.#stopped) return
    if (this.#claiming) this.#wokenWhileClaiming = true
    else {
      this.#claiming = this.#claimAll().finally(() => {
        this.#claiming = undefined
        // Woken after the last look and before this line.
        if (this.#wokenWhileClaiming) this.wake()
      })
    }
  }

  /** Claims no more; resolves when the claim under way is over, whose jobs go back. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    await this.#claiming
    this.#cancelTimer?.()
  }

  async #claimAll(): Promise<void> {
    try {
      do {
        this.#wokenWhileClaiming = false
      } while ((await this.#claimOnce()) || this.#wokenWhileClaiming)
    } catch (error) {
      this.#onError(error)
      this.#wakeAfter(RETRY_MS)
    }
  }

  /** Whether it is worth asking again at once. */
  async #claimOnce(): Promise<boolean> {
    let max = 0
    for (const session of this.#free) {
      max += freeCapacity(session)
      if (max >= CLAIM_BATCH) break
    }
    if (this.#stopped || max === 0) return false
    max = Math.min(CLAIM_BATCH, max)
    const { server, leaseMs, overdueMs } = this.#rules
    const { leases, nextReadyAt } = await this.#queue.claim({ server, max, leaseMs: leaseMs + overdueMs })
    if (leases.length > 0) await this.#handOut(this.#refuse?.sift(leases) ?? leases)
    else if (nextReadyAt !== undefined) this.#wakeAfter(nextReadyAt - this.#clock.now())
    return leases.length > 0
  }

  #wakeAfter(delayMs: number): void {
    this.#cancelTimer?.()
    if (this.#stopped) return
    this.#cancelTimer = this.#clock.after(Math.max(1, delayMs), () => this.wake())
  }

  async #handOut(leases: readonly Lease[]): Promise<void> {
    const batches = new Map<MinerSession, Assignment[]>()
    const unplaced: Lease[] = []
    for (const lease of leases) {
      const session = this.#stopped ? undefined : this.#choose(lease)
      if (!session) {
        unplaced.push(lease)
        continue
      }
      this.#give(lease, session)
      const batch = batches.get(session)
      if (batch) batch.push(this.#assignment(lease))
      else batches.set(session, [this.#assignment(lease)])
    }
    for (const [session, assignments] of batches) session.assign(assignments)
    if (unplaced.length > 0) await this.#putBack(unplaced)
  }

  #choose({ triedBy }: Lease): MinerSession | undefined {
    let first: MinerSession | undefined
    let looked = 0
    for (const session of this.#free) {
      if (!triedBy.includes(session.deviceId)) return session
      first ??= session
      if (++looked >= CANDIDATES) break
    }
    return first
  }

  #give(lease: Lease, session: MinerSession): void {
    const { userId, deviceId } = session
    const assignedAt = this.#clock.now()
    this.#held.add({
      lease,
      userId,
      deviceId,
      assignedAt,
      expiresAt: lease.expiresAt,
      session,
      answered: false,
      awaySince: undefined,
      verdict: undefined,
    })
    session.outstanding++
    const { orderId: testId, customerId } = lease.job
    if (isTestFetch(testId))
      this.#live.publish(`user:${customerId}`, { kind: 'test-fetch-changed', testId, state: 'fetching' })
    this.#free.delete(session)
    if (freeCapacity(session) > 0) this.#free.add(session)
  }

  /** Miners left between claim and hand-out, or this server leaves. */
  async #putBack(leases: readonly Lease[]): Promise<void> {
    const notBefore = this.#clock.now()
    await this.#queue.release(leases.map(({ token }) => ({ token, notBefore, attempted: false })))
  }

  #assignment({ token, job, attempt }: Lease): Assignment {
    return {
      jobId: job.jobId,
      token,
      attempt,
      url: job.url,
      hostGapMs: job.hostGapMs,
      leaseMs: this.#rules.leaseMs,
      maxBodyBytes: this.#rules.maxBodyBytes,
      dueAt: job.dueAt,
      ...(isTestFetch(job.orderId) ? { test: true } : { priceCoins: job.priceCoins }),
      traceparent: job.traceparent,
    }
  }
}

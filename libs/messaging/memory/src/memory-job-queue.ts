import type { CancelTimer, Clock, FrontierOptions, Instant, Job, JobId } from '@quarry/domain'
import type {
  Acknowledgement,
  Claim,
  ClaimRequest,
  JobQueue,
  Lease,
  LeaseToken,
  LeaseVerdict,
  QueueDepth,
  Release,
} from '@quarry/messaging-port'
import { Frontier } from '@quarry/domain'
import { randomUUID } from 'node:crypto'
import { CoalescedHint } from './coalesced-hint.ts'

export type MemoryJobQueueOptions = Partial<FrontierOptions>

/**
 * The frontier in this process. It is lost with the process, so each instance has an identity of its own (random unless
 * given). Calls never fail, and are done when they return, before their promise is awaited.
 */
export class MemoryJobQueue implements JobQueue {
  readonly #clock: Clock
  readonly #identity: string
  readonly #frontier: Frontier
  readonly #claimable = new CoalescedHint()
  #timer: { readonly at: Instant; readonly cancel: CancelTimer } | undefined

  constructor(clock: Clock, options: MemoryJobQueueOptions = {}) {
    this.#clock = clock
    this.#identity = options.identity ?? randomUUID()
    this.#frontier = new Frontier({ ...options, identity: this.#identity })
  }

  async enqueue(jobs: readonly Job[]): Promise<readonly ('queued' | 'known')[]> {
    const verdicts = this.#frontier.enqueue(jobs, this.#clock.now())
    this.#hint()
    return verdicts
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    const claim = this.#frontier.claim(request, this.#clock.now())
    this.#watch()
    return claim
  }

  async extend(tokens: readonly LeaseToken[], leaseMs: number): Promise<readonly LeaseVerdict[]> {
    return this.#frontier.extend(tokens, leaseMs, this.#clock.now())
  }

  async ack(acknowledgements: readonly Acknowledgement[]): Promise<readonly LeaseVerdict[]> {
    const now = this.#clock.now()
    const wasReady = this.#frontier.nextReadyAt(now) === now
    const verdicts = this.#frontier.ack(acknowledgements, now)
    // An acknowledgement adds no job; it can only free a host. While others were ready, their hint has been given.
    if (wasReady) this.#watch()
    else this.#hint()
    return verdicts
  }

  async release(releases: readonly Release[]): Promise<readonly LeaseVerdict[]> {
    const verdicts = this.#frontier.release(releases, this.#clock.now())
    this.#hint()
    return verdicts
  }

  async reap(request: ClaimRequest): Promise<readonly Lease[]> {
    const leases = this.#frontier.reap(request, this.#clock.now())
    this.#hint()
    return leases
  }

  async holds(jobIds: readonly JobId[]): Promise<readonly boolean[]> {
    return this.#frontier.holds(jobIds)
  }

  async depth(): Promise<QueueDepth> {
    return this.#frontier.depth(this.#clock.now())
  }

  onClaimable(listener: () => void): () => void {
    const stop = this.#claimable.listen(listener)
    this.#watch()
    return stop
  }

  async identity(): Promise<string> {
    return this.#identity
  }

  #hint(): void {
    const now = this.#clock.now()
    if (this.#frontier.nextReadyAt(now) === now) this.#claimable.give()
    this.#watch()
  }

  /**
   * One timer at the next time something becomes ready. It is only ever moved nearer: a claim that comes just before it
   * may leave ready jobs behind, and the others must still hear of them. One that is overdue (the loop was busy, or the
   * clock was set forward) is done at once.
   */
  #watch(): void {
    const now = this.#clock.now()
    if (this.#timer !== undefined && this.#timer.at <= now) {
      this.#timer.cancel()
      this.#timer = undefined
      if (this.#frontier.nextReadyAt(now) === now) this.#claimable.give()
    }
    const at = this.#frontier.nextWakeAt(now)
    if (at === undefined || (this.#timer !== undefined && this.#timer.at <= at)) return
    this.#timer?.cancel()
    const cancel = this.#clock.after(Math.max(0, at - now), () => {
      this.#timer = undefined
      this.#hint()
    })
    this.#timer = { at, cancel }
  }
}

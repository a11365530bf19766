import type { Instant } from '../clock.ts'
import type { JobId } from '../ids.ts'
import type { Job } from './job.ts'
import type {
  Acknowledgement,
  Claim,
  ClaimRequest,
  HostNews,
  Lease,
  LeaseToken,
  LeaseVerdict,
  QueueDepth,
  Release,
} from './lease.ts'
import { MAX_ATTEMPTS } from '../results/failure-rules.ts'
import { FinishedJobs } from './finished-jobs.ts'
import { byPatience, byWakeTime, HeldJob } from './held-job.ts'
import { HostTable } from './host-table.ts'
import { IndexedHeap } from './indexed-heap.ts'
import { SteadyTime } from './steady-time.ts'

export interface FrontierOptions {
  /** Part of every lease token: differs between any two frontiers whose tokens could meet. */
  readonly identity: string
  /** How long finished jobs stay known, at least; default 10 minutes. */
  readonly rememberFinishedMs?: number
  /** How many finished jobs stay known, at most; default 500,000. */
  readonly maxFinished?: number
}

const NO_NEWS: HostNews = {}

/**
 * The rules of the job queue, in memory (semantics: `JobQueue` of the messaging port). Pure and synchronous: the wall
 * clock's time comes with each call, and nothing happens between calls. Every call costs O(log n) per job it touches;
 * what came due since the last call (pauses over, patience ended) is noticed first.
 */
export class Frontier {
  readonly #identity: string
  readonly #time = new SteadyTime()
  readonly #hosts = new HostTable()
  readonly #jobs = new Map<JobId, HeldJob>()
  readonly #byToken = new Map<LeaseToken, HeldJob>()
  readonly #patience = new IndexedHeap<HeldJob>(byPatience)
  readonly #delayed = new IndexedHeap<HeldJob>(byWakeTime)
  readonly #leased = new IndexedHeap<HeldJob>(byWakeTime)
  readonly #dead = new IndexedHeap<HeldJob>(byWakeTime)
  readonly #finished: FinishedJobs
  #arrivals = 0
  #claims = 0

  constructor(options: FrontierOptions) {
    this.#identity = options.identity
    this.#finished = new FinishedJobs(options.rememberFinishedMs ?? 600_000, options.maxFinished ?? 500_000)
  }

  enqueue(jobs: readonly Job[], now: Instant): ('queued' | 'known')[] {
    const at = this.#advance(now)
    return jobs.map((job) => {
      if (this.#jobs.has(job.jobId) || this.#finished.has(job.jobId, at)) return 'known'
      const host = this.#hosts.of(job.host)
      this.#arrivals += 1
      const held = new HeldJob(job, host, {
        arrival: this.#arrivals,
        patienceUntil: this.#time.fromWall(job.patienceUntil),
      })
      host.held += 1
      this.#jobs.set(job.jobId, held)
      this.#await(held, at)
      return 'queued'
    })
  }

  claim(request: ClaimRequest, now: Instant): Claim {
    const at = this.#advance(now)
    const leases: Lease[] = []
    while (leases.length < request.max) {
      const held = this.#hosts.best()
      if (held === undefined) break
      this.#leaveQueue(held)
      const lease = this.#lease(held, request, at)
      this.#hosts.claimed(held, lease.token, at)
      leases.push(lease)
    }
    const nextReadyAt = this.nextReadyAt(now)
    return nextReadyAt === undefined ? { leases } : { leases, nextReadyAt }
  }

  extend(tokens: readonly LeaseToken[], leaseMs: number, now: Instant): LeaseVerdict[] {
    const at = this.#advance(now)
    return tokens.map((token) => {
      const held = this.#holderOf(token, at)
      if (held === undefined) return 'stale'
      held.wakeAt = at + leaseMs
      this.#leased.place(held)
      return 'done'
    })
  }

  ack(acknowledgements: readonly Acknowledgement[], now: Instant): LeaseVerdict[] {
    const at = this.#advance(now)
    return acknowledgements.map((acknowledgement) => {
      const held = this.#holderOf(acknowledgement.token, at)
      if (held === undefined) return 'stale'
      this.#endLease(held)
      this.#jobs.delete(held.job.jobId)
      this.#finished.add(held.job.jobId, at)
      held.host.held -= 1
      this.#heed(held, acknowledgement, at)
      return 'done'
    })
  }

  release(releases: readonly Release[], now: Instant): LeaseVerdict[] {
    const at = this.#advance(now)
    return releases.map((release) => {
      const held = this.#holderOf(release.token, at)
      if (held === undefined) return 'stale'
      const reaped = held.state === 'reaped'
      this.#endLease(held)
      this.#heed(held, release, at)
      if (release.attempted && !reaped) {
        held.attemptsMade += 1
        if (release.by !== undefined && !held.triedBy.includes(release.by)) held.triedBy = [...held.triedBy, release.by]
      }
      const notBefore = this.#time.fromWall(release.notBefore)
      if (reaped) this.#bury(held, Math.max(at, notBefore))
      else this.#putBack(held, notBefore, at)
      return 'done'
    })
  }

  reap(request: ClaimRequest, now: Instant): Lease[] {
    const at = this.#advance(now)
    for (let held = this.#leased.first(); held && held.wakeAt <= at; held = this.#leased.first()) {
      const reaped = held.state === 'reaped'
      this.#endLease(held)
      if (reaped) {
        this.#bury(held, at)
      } else {
        held.attemptsMade += 1
        this.#putBack(held, at, at)
      }
    }
    const leases: Lease[] = []
    while (leases.length < request.max) {
      const held = this.#dead.first()
      if (held === undefined || held.wakeAt > at) break
      this.#dead.remove(held)
      leases.push(this.#lease(held, request, at))
    }
    return leases
  }

  /** Which of the jobs the frontier holds in any state, dead ones included: finished ones it does not hold. */
  holds(jobIds: readonly JobId[]): boolean[] {
    return jobIds.map((jobId) => this.#jobs.has(jobId))
  }

  depth(now: Instant): QueueDepth {
    this.#advance(now)
    return {
      waiting: this.#patience.size + this.#delayed.size,
      leased: this.#leased.size,
      dead: this.#dead.size,
    }
  }

  /** Hosts in memory: those with jobs, and those whose next allowed time is still to come. */
  hostCount(now: Instant): number {
    this.#advance(now)
    return this.#hosts.size
  }

  /** When something that waits becomes claimable: `now` when it is already, undefined when nothing waits. */
  nextReadyAt(now: Instant): Instant | undefined {
    this.#advance(now)
    return this.#hosts.readyCount > 0 ? now : this.nextWakeAt(now)
  }

  /** Like `nextReadyAt`, of what is not claimable yet. */
  nextWakeAt(now: Instant): Instant | undefined {
    this.#advance(now)
    const host = this.#hosts.nextReadyAt
    const job = this.#delayed.first()
    const delayedUntil = job && Math.max(job.wakeAt, job.host.nextAllowedAt)
    if (host === undefined && delayedUntil === undefined) return undefined
    return this.#time.toWall(Math.min(host ?? Infinity, delayedUntil ?? Infinity))
  }

  /** Notices what came due up to now; gives the steady time. */
  #advance(now: Instant): Instant {
    const at = this.#time.read(now)
    for (let held = this.#patience.first(); held && held.patienceUntil < at; held = this.#patience.first()) {
      this.#leaveQueue(held)
      this.#hosts.settle(held.host, at)
      this.#bury(held, at)
    }
    for (let held = this.#delayed.first(); held && held.wakeAt <= at; held = this.#delayed.first()) {
      this.#delayed.remove(held)
      if (held.patienceUntil < at) this.#bury(held, at)
      else this.#await(held, at)
    }
    this.#hosts.advance(at)
    return at
  }

  /** The job of a lease that is still valid. */
  #holderOf(token: LeaseToken, at: Instant): HeldJob | undefined {
    const held = this.#byToken.get(token)
    return held !== undefined && at < held.wakeAt ? held : undefined
  }

  #lease(held: HeldJob, request: ClaimRequest, at: Instant): Lease {
    const dead = held.state === 'dead'
    this.#claims += 1
    const token = `${request.server}:${this.#identity}-${this.#claims.toString(36)}`
    held.token = token
    held.state = dead ? 'reaped' : 'leased'
    held.wakeAt = at + request.leaseMs
    this.#leased.place(held)
    this.#byToken.set(token, held)
    return {
      token,
      job: held.job,
      attempt: dead ? held.attemptsMade : held.attemptsMade + 1,
      expiresAt: this.#time.toWall(held.wakeAt),
      triedBy: held.triedBy,
    }
  }

  #endLease(held: HeldJob): void {
    this.#leased.remove(held)
    if (held.token !== undefined) this.#byToken.delete(held.token)
    held.token = undefined
  }

  #heed(held: HeldJob, { token, host = NO_NEWS }: Pick<Acknowledgement, 'token' | 'host'>, at: Instant): void {
    const notBefore = host.notBefore === undefined ? undefined : { notBefore: this.#time.fromWall(host.notBefore) }
    this.#hosts.ended(held, { token, news: notBefore ? { ...host, ...notBefore } : host }, at)
  }

  /** An attempt is over without a result: back to the host, or to the dead when no other can follow. */
  #putBack(held: HeldJob, notBefore: Instant, at: Instant): void {
    const over = held.attemptsMade >= MAX_ATTEMPTS || Math.max(notBefore, at) > held.patienceUntil
    if (over) this.#bury(held, at)
    else if (notBefore <= at) this.#await(held, at)
    else {
      held.state = 'delayed'
      held.wakeAt = notBefore
      this.#delayed.place(held)
    }
  }

  #await(held: HeldJob, at: Instant): void {
    held.state = 'waiting'
    this.#patience.place(held)
    held.host.queue.place(held)
    this.#hosts.settle(held.host, at)
  }

  #leaveQueue(held: HeldJob): void {
    this.#patience.remove(held)
    held.host.queue.remove(held)
  }

  #bury(held: HeldJob, reapableAt: Instant): void {
    held.state = 'dead'
    held.wakeAt = reapableAt
    this.#dead.place(held)
  }
}

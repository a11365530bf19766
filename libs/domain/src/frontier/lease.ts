import type { Instant } from '../clock.ts'
import type { DeviceId } from '../ids.ts'
import type { Job } from './job.ts'

/** The fence of one attempt: `server:attempt` unique per claim. A token that is not the latest of its job is stale. */
export type LeaseToken = string

/** One hand-out of a job, valid until just before `expiresAt`. */
export interface Lease {
  readonly token: LeaseToken
  readonly job: Job
  /** 1 for the first attempt; of a dead job, how many were made. */
  readonly attempt: number
  readonly expiresAt: Instant
  /** Devices that made earlier attempts, for which another is preferred. */
  readonly triedBy: readonly DeviceId[]
}

export interface ClaimRequest {
  /** The claiming mining-server, for tokens and for telling leases apart. */
  readonly server: string
  readonly max: number
  readonly leaseMs: number
}

export interface Claim {
  readonly leases: readonly Lease[]
  /** When something that waits now becomes claimable, as far as is known; undefined when nothing waits. */
  readonly nextReadyAt?: Instant
}

/** What an attempt taught about the host, for all who come after. News that come with a stale token are not heard. */
export interface HostNews {
  /** Nobody asks the host before this instant (`Retry-After`). It only ever delays. */
  readonly notBefore?: Instant
  /**
   * The host's own wish for a gap (robots.txt `Crawl-delay`). It stretches the gap, never shortens it: from the host's
   * last claim on, and for as long as the host is remembered (while it has jobs or its next allowed time is to come).
   */
  readonly crawlDelayMs?: number
  /**
   * Requests beyond the first that the attempt sent to the host (redirects, robots.txt). Nobody knows when the last was
   * sent, but that it was before now: with any, the host's next allowed time is no earlier than one gap from now.
   */
  readonly extraRequests?: number
}

export interface Acknowledgement {
  readonly token: LeaseToken
  readonly host?: HostNews
}

export interface Release {
  readonly token: LeaseToken
  /** The job is not claimable before this instant. */
  readonly notBefore: Instant
  /** False when the job was handed back untouched: the attempt does not count and nobody is excluded. */
  readonly attempted: boolean
  /** Who made the attempt. */
  readonly by?: DeviceId
  readonly host?: HostNews
}

/** `stale`: the lease is over, and perhaps somebody else's; nothing was done. */
export type LeaseVerdict = 'done' | 'stale'

export interface QueueDepth {
  /** Claimable now, or as soon as their host or their own `notBefore` allows. */
  readonly waiting: number
  /** Held by a claimer or a reaper, expired leases that no `reap` has ended yet included. */
  readonly leased: number
  /** Attempts or patience used up, and waiting for a reaper. */
  readonly dead: number
}

import type {
  Acknowledgement,
  Claim,
  ClaimRequest,
  Job,
  JobId,
  Lease,
  LeaseToken,
  LeaseVerdict,
  QueueDepth,
  Release,
} from '@quarry/domain'

export type {
  Acknowledgement,
  Claim,
  ClaimRequest,
  HostNews,
  Lease,
  LeaseToken,
  LeaseVerdict,
  QueueDepth,
  Release,
} from '@quarry/domain'

/**
 * The frontier: jobs by host, handed out in leases. Semantics, the same in every adapter (rules: `Frontier` of the domain):
 *
 * Identity. A job is its jobId. One that waits, is leased, or was acknowledged within the remembered time is `known`
 * and not queued again. The queue need not be durable: `identity()` changes when it may have lost jobs, and schedulers
 * then emit again what has no result. A known job is left as it is: a new price or patience does not reach it.
 *
 * Order and politeness. A claim takes from hosts whose next allowed time has come, lowest `serveOrder` first. The host's
 * gap is the larger of the job's `hostGapMs` and the learnt `crawlDelayMs`, across all claimers; a gap of 0 sets no limit.
 * One lease may send several requests, a gap apart (robots.txt, redirects), so a claim makes its host busy until that lease
 * is acknowledged or released, but for `MOST_REQUESTS_OF_A_JOB` gaps at most. Then the next allowed time is a gap after the
 * claim or, when the lease sent `extraRequests`, a gap after its end; never earlier than what other news demand. A lease
 * that ends late shortens no later lease's hold on the host. A lease handed back untouched does not give its gap back.
 *
 * Leases. At most one valid lease per job at a time. From `expiresAt` on every call with its token is `stale`, even while
 * no other lease exists. An expired lease counts as an attempt: any call of `reap` returns the job to its host, or to the
 * dead when attempts (`MAX_ATTEMPTS`) or patience are used up. Every verdict is decided in the store.
 *
 * The dead. Attempts used up, patience over while the job waited, or a release whose `notBefore` lies after the job's
 * patience: the job is never claimed again, only reaped. A dead job that is released is dead again, whatever is said.
 *
 * Times are the queue's own clock; set back, it freezes nothing: pauses and leases last no longer than they were given.
 * Calls are atomic per job, batches are not. Throws `Unavailable` and, for a call that may have been done,
 * `UnknownOutcome`; repeating any call is safe, for a claim after the lease time.
 */
export interface JobQueue {
  /** At the index of each job: `queued`, or `known` when it was there already. */
  enqueue(jobs: readonly Job[]): Promise<readonly ('queued' | 'known')[]>
  claim(request: ClaimRequest): Promise<Claim>
  /** Lengthens valid leases to `leaseMs` from now. */
  extend(tokens: readonly LeaseToken[], leaseMs: number): Promise<readonly LeaseVerdict[]>
  /** The jobs are finished: their results are confirmed. They stay `known` for the remembered time. */
  ack(acknowledgements: readonly Acknowledgement[]): Promise<readonly LeaseVerdict[]>
  /** The attempts are over without a final result. */
  release(releases: readonly Release[]): Promise<readonly LeaseVerdict[]>
  /**
   * Ends expired leases, and claims up to `max` dead jobs (attempts or patience used up) for the caller, who publishes
   * their failure and acknowledges them; `attempt` counts those made. A dead job whose reaper died is reaped again.
   */
  reap(request: ClaimRequest): Promise<readonly Lease[]>
  /** Which of these jobs are in the queue now: waiting, leased or dead. Finished ones are not. */
  holds(jobIds: readonly JobId[]): Promise<readonly boolean[]>
  depth(): Promise<QueueDepth>
  /** Calls back when something may have become claimable; a hint only, it can be lost. Returns how to stop it. */
  onClaimable(listener: () => void): () => void
  /** Changes when the queue may have lost jobs. */
  identity(): Promise<string>
}

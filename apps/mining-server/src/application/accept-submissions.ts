import type { ResultMessage, Submission, SubmissionVerdict } from '@quarry/contracts'
import { failureRules, judgeAttempt, type Clock, type FailureReason, type Outcome, type RunResult } from '@quarry/domain'
import type { Acknowledgement, HostNews, JobQueue, Release, ResultBus } from '@quarry/messaging-port'
import type { HeldLease, HeldLeases } from './held-leases.ts'
import type { MinerSession } from './miner-session.ts'
import type { VerifyBodies } from './verify-bodies.ts'

/** A site's wish to be left alone is honoured up to this long. */
const LONGEST_PAUSE_MS = 3_600_000
/** Reasons that only the platform itself may give. */
const platformReasons: ReadonlySet<FailureReason> = new Set(['missed', 'patience_over', 'lease_expired', 'bad_result'])

/** One submission as it came in; `undefined` when it broke the contract. */
export interface IncomingSubmission {
  readonly token: string
  readonly submission: Submission | undefined
  readonly body: Uint8Array | undefined
}

interface Judged {
  readonly held: HeldLease
  readonly index: number
  readonly message: ResultMessage
  readonly host: HostNews
}

/**
 * Takes a miner's outcomes: checks them, decides between delivery and another attempt, and answers only when that is
 * certain. A result is confirmed on the bus before its job is acknowledged, and that before the miner hears of it; dying
 * in between means that the job is done once more, and that the first stored result counts.
 */
export class AcceptSubmissions {
  readonly #queue: JobQueue
  readonly #bus: ResultBus
  readonly #clock: Clock
  readonly #held: HeldLeases
  readonly #verify: VerifyBodies

  constructor(deps: { queue: JobQueue; bus: ResultBus; clock: Clock; held: HeldLeases; verify: VerifyBodies }) {
    this.#queue = deps.queue
    this.#bus = deps.bus
    this.#clock = deps.clock
    this.#held = deps.held
    this.#verify = deps.verify
  }

  /** Frees the slots of a batch at once, before anything is judged, so that the miner never idles. */
  freeSlots(session: MinerSession, tokens: readonly string[]): void {
    for (const token of tokens) {
      const held = this.#held.find(token, session.deviceId)
      if (!held || held.answered) continue
      held.answered = true
      if (held.session) held.session.outstanding--
    }
  }

  /** Verdicts at the index of each submission. */
  async run(session: MinerSession, incoming: readonly IncomingSubmission[]): Promise<SubmissionVerdict[]> {
    const verdicts: SubmissionVerdict[] = incoming.map(() => 'stale')
    const deliver: Judged[] = []
    const retry: (Judged & { notBefore: number })[] = []
    for (const [index, one] of incoming.entries()) {
      const held = this.#held.find(one.token, session.deviceId)
      if (!held) continue
      const outcome = await this.#checked(one)
      verdicts[index] = outcome === undefined ? 'invalid' : 'accepted'
      const judged = this.#judge(held, { index, one, outcome: outcome ?? badResult })
      if (judged.verdict.kind === 'deliver') deliver.push(judged)
      else retry.push({ ...judged, notBefore: judged.verdict.notBefore })
    }
    await Promise.all([this.#deliver(deliver, verdicts), this.#retry(retry, verdicts)])
    for (const { index, message } of deliver) {
      if (verdicts[index] !== 'accepted' || message.run.outcome.kind !== 'page') continue
      session.pages++
      session.coins += message.run.priceCoins
    }
    return verdicts
  }

  async #checked({ submission, body }: IncomingSubmission): Promise<Outcome | undefined> {
    if (!submission) return undefined
    const { outcome } = submission
    if (outcome.kind === 'failure') {
      if (platformReasons.has(outcome.reason)) return undefined
      return { ...(outcome as Outcome & { kind: 'failure' }), fault: failureRules[outcome.reason].fault }
    }
    if (outcome.status === 429 || body === undefined) return undefined
    return (await this.#verify.run(body, outcome.content)) ? outcome : undefined
  }

  #judge(held: HeldLease, { index, one, outcome }: { index: number; one: IncomingSubmission; outcome: Outcome }) {
    const { job, attempt } = held.lease
    const now = this.#clock.now()
    const run: RunResult = {
      jobId: job.jobId,
      orderId: job.orderId,
      rep: job.rep,
      customerId: job.customerId,
      url: job.url,
      priceCoins: job.priceCoins,
      dueAt: job.dueAt,
      attempt,
      miner: { userId: held.userId, deviceId: held.deviceId },
      startedAt: held.assignedAt,
      finishedAt: now,
      outcome,
      traceparent: job.traceparent,
    }
    const body = outcome.kind === 'page' ? one.body : undefined
    return {
      held,
      index,
      message: { v: 1, run, ...(body !== undefined && { body }) } as const,
      host: hostNews(one.submission, outcome, now),
      verdict: judgeAttempt({ outcome, attempt, now, patienceUntil: job.patienceUntil }),
    }
  }

  async #deliver(judged: readonly Judged[], verdicts: SubmissionVerdict[]): Promise<void> {
    if (judged.length === 0) return
    try {
      await this.#bus.results.publish(judged.map(({ message }) => message))
      await this.#queue.ack(judged.map(({ held, host }): Acknowledgement => ({ token: held.lease.token, host })))
      for (const { held } of judged) this.#held.remove(held.lease.token)
    } catch {
      for (const { index } of judged) verdicts[index] = 'later'
    }
  }

  async #retry(judged: readonly (Judged & { notBefore: number })[], verdicts: SubmissionVerdict[]): Promise<void> {
    if (judged.length === 0) return
    try {
      await this.#queue.release(
        judged.map(({ held, host, notBefore }): Release => ({
          token: held.lease.token, notBefore, attempted: true, by: held.deviceId, host,
        })),
      )
      for (const { held } of judged) this.#held.remove(held.lease.token)
    } catch {
      for (const { index } of judged) verdicts[index] = 'later'
    }
  }
}

const badResult: Outcome = {
  kind: 'failure',
  reason: 'bad_result',
  fault: failureRules.bad_result.fault,
  detail: 'The miner sent a result that was not what it said it was.',
}

function hostNews(submission: Submission | undefined, outcome: Outcome, now: number): HostNews {
  const pauseMs = outcome.kind === 'failure' ? Math.min(outcome.retryAfterMs ?? 0, LONGEST_PAUSE_MS) : 0
  const { crawlDelayMs, extraRequests } = submission?.host ?? {}
  return {
    ...(pauseMs > 0 && { notBefore: now + pauseMs }),
    ...(crawlDelayMs !== undefined && { crawlDelayMs }),
    ...(extraRequests !== undefined && { extraRequests }),
  }
}

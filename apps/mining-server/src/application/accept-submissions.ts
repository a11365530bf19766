import type { Submission, SubmissionVerdict } from '@quarry/contracts'
import { failureRules, judgeAttempt, type Clock, type FailureReason, type Outcome } from '@quarry/domain'
import type { Acknowledgement, JobQueue, Release, ResultBus } from '@quarry/messaging-port'
import { freeSlot, type HeldLease, type HeldLeases } from './held-leases.ts'
import { badResult, hostNews, resultOf, type JudgedSubmission } from './judged-submission.ts'
import type { MinerSession } from './miner-session.ts'
import type { VerifyBodies } from './verify-bodies.ts'

/** Bodies waiting to be stored, of all miners; beyond it miners keep theirs for a while. */
const MAX_BYTES_IN_HAND = 256 * 1024 * 1024
/** Reasons that only the platform itself may give. */
const platformReasons: ReadonlySet<FailureReason> = new Set(['missed', 'patience_over', 'lease_expired', 'bad_result'])

/** One submission as it came in; `undefined` when it broke the contract. */
export interface IncomingSubmission {
  readonly token: string
  readonly submission: Submission | undefined
  readonly body: Uint8Array | undefined
}

/** A submission on its way to its verdict. */
interface Pending {
  readonly session: MinerSession
  readonly held: HeldLease
  readonly one: IncomingSubmission
  readonly answer: (verdict: SubmissionVerdict) => void
}

/**
 * Takes a miner's outcomes: checks them, decides between delivery and another attempt, and answers only when that is
 * certain. A result is confirmed on the bus before its job is acknowledged, and that before the miner hears of it; dying
 * in between means that the job is done once more, and that the first stored result counts. A lease lasts as long as its
 * result is on its way; one that may be over is asked of the queue first, so that who comes too late changes nothing.
 */
export class AcceptSubmissions {
  readonly #queue: JobQueue
  readonly #bus: ResultBus
  readonly #clock: Clock
  readonly #held: HeldLeases
  readonly #verify: VerifyBodies
  readonly #onError: (error: unknown) => void
  readonly #leaseMs: number
  readonly #maxBytesInHand: number
  readonly #judging = new Set<HeldLease>()
  #bytesInHand = 0

  constructor(
    deps: {
      queue: JobQueue
      bus: ResultBus
      clock: Clock
      held: HeldLeases
      verify: VerifyBodies
      onError: (error: unknown) => void
    },
    rules: { leaseMs: number; maxBytesInHand?: number },
  ) {
    this.#queue = deps.queue
    this.#bus = deps.bus
    this.#clock = deps.clock
    this.#held = deps.held
    this.#verify = deps.verify
    this.#onError = deps.onError
    this.#leaseMs = rules.leaseMs
    this.#maxBytesInHand = rules.maxBytesInHand ?? MAX_BYTES_IN_HAND
  }

  /** Whether the token is of a lease that this miner works on. */
  expects(session: MinerSession, token: string): boolean {
    return this.#held.find(token, session) !== undefined
  }

  /**
   * Verdicts at the index of each submission; never rejects. When the call returns its promise the slots are free
   * already, so that the miner never idles. A submission sent again while the first is judged shares its verdict.
   */
  run(session: MinerSession, incoming: readonly IncomingSubmission[]): Promise<SubmissionVerdict[]> {
    const fresh: Pending[] = []
    const verdicts = incoming.map((one): Promise<SubmissionVerdict> => {
      const held = this.#held.find(one.token, session)
      if (!held) return Promise.resolve('stale')
      if (held.verdict) return held.verdict
      const { promise, resolve } = Promise.withResolvers<SubmissionVerdict>()
      fresh.push(this.#begin({ session, held, one, answer: resolve }))
      held.verdict = promise
      return promise
    })
    if (fresh.length > 0) void this.#judgeAll(fresh)
    return Promise.all(verdicts)
  }

  /** Lengthens the leases of results that are still on their way; to be called every now and then. */
  async keepJudged(): Promise<void> {
    await this.#extend([...this.#judging].filter((held) => this.#endsSoon(held)))
  }

  #begin(pending: Pending): Pending {
    const { session, held, one, answer } = pending
    const bytes = one.body?.byteLength ?? 0
    freeSlot(held)
    this.#judging.add(held)
    this.#bytesInHand += bytes
    session.judging++
    const end = (verdict: SubmissionVerdict) => {
      if (!this.#judging.delete(held)) return
      this.#bytesInHand -= bytes
      session.judging--
      held.verdict = undefined
      if (verdict !== 'later') this.#held.remove(held)
      answer(verdict)
    }
    return { ...pending, answer: end }
  }

  async #judgeAll(pending: readonly Pending[]): Promise<void> {
    try {
      const valid = await this.#stillValid(pending)
      const deliver: JudgedSubmission<Pending>[] = []
      const retry: (JudgedSubmission<Pending> & { notBefore: number })[] = []
      for (const one of valid) {
        const judged = await this.#judge(one)
        if (judged.verdict.kind === 'deliver') deliver.push(judged)
        else retry.push({ ...judged, notBefore: judged.verdict.notBefore })
      }
      const ended = await Promise.allSettled([this.#deliver(deliver), this.#retry(retry)])
      for (const one of ended) if (one.status === 'rejected') this.#onError(one.reason)
    } catch (error) {
      this.#onError(error)
    } finally {
      for (const { answer } of pending) answer('later')
    }
  }

  /** The submissions whose lease is the job's latest; those beyond the memory's bound are put off. */
  async #stillValid(pending: readonly Pending[]): Promise<Pending[]> {
    const stale = await this.#extend(pending.flatMap(({ held }) => (this.#endsSoon(held) ? held : [])))
    for (const { held, answer } of pending) if (stale.has(held)) answer('stale')
    const full = this.#bytesInHand > this.#maxBytesInHand
    return pending.filter(({ held, one }) => !stale.has(held) && !(full && one.body !== undefined))
  }

  #endsSoon(held: HeldLease): boolean {
    return held.expiresAt - this.#clock.now() < this.#leaseMs / 2
  }

  /** Returns those whose lease is over. */
  async #extend(leases: readonly HeldLease[]): Promise<ReadonlySet<HeldLease>> {
    if (leases.length === 0) return new Set()
    const expiresAt = this.#clock.now() + this.#leaseMs
    const verdicts = await this.#queue.extend(
      leases.map(({ lease }) => lease.token),
      this.#leaseMs,
    )
    const [done, stale] = [true, false].map((wanted) =>
      leases.filter((_, index) => (verdicts[index] === 'done') === wanted),
    )
    for (const held of done ?? []) held.expiresAt = expiresAt
    return new Set(stale)
  }

  async #judge(pending: Pending): Promise<JudgedSubmission<Pending>> {
    const { held, one } = pending
    const checked = await this.#checked(one)
    const outcome = checked ?? badResult
    const now = this.#clock.now()
    const { job, attempt } = held.lease
    return {
      pending,
      answer: checked === undefined ? 'invalid' : 'accepted',
      message: resultOf(held, { outcome, now, body: outcome.kind === 'page' ? one.body : undefined }),
      host: hostNews(one.submission, outcome, now),
      verdict: judgeAttempt({ outcome, attempt, now, patienceUntil: job.patienceUntil }),
    }
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

  async #deliver(judged: readonly JudgedSubmission<Pending>[]): Promise<void> {
    if (judged.length === 0) return
    await this.#bus.results.publish(judged.map(({ message }) => message))
    const acked = await this.#queue.ack(
      judged.map(({ pending, host }): Acknowledgement => ({ token: pending.held.lease.token, host })),
    )
    for (const [index, { pending, answer, message }] of judged.entries()) {
      if (acked[index] === 'done' && message.run.outcome.kind === 'page') {
        pending.session.pages++
        pending.session.coins += message.run.priceCoins
      }
      pending.answer(answer)
    }
  }

  async #retry(judged: readonly (JudgedSubmission<Pending> & { notBefore: number })[]): Promise<void> {
    if (judged.length === 0) return
    const released = await this.#queue.release(
      judged.map(({ pending: { held }, host, notBefore }): Release => ({
        token: held.lease.token,
        notBefore,
        attempted: true,
        by: held.deviceId,
        host,
      })),
    )
    for (const [index, { pending, answer }] of judged.entries())
      pending.answer(released[index] === 'done' ? answer : 'stale')
  }
}

import type { Assignment, SubmissionVerdict } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import { Outbox, waitingBytes } from './outbox.ts'
import type { Finished, MiningWire, Work } from './work.ts'

/** Above this no further job is begun, until the server has taken some results. */
const PAUSE_BYTES = 96 * 1024 * 1024
/** Above this a result is given up: its lease runs out, and somebody else fetches the page. */
const MAX_WAITING_BYTES = 192 * 1024 * 1024
const MAX_HOLDING = 4096
/** So many results may wait for a verdict in any case: a quick site and a slow server are no reason to pause. */
const LEAST_WAITING = 64

export type Ending = SubmissionVerdict | 'given-up'

export interface MinerEvents {
  /** A job is over for this miner. */
  ended(finished: Finished, ending: Exclude<Ending, 'later'>): void
  /** A job failed for a reason in this program; it went back to the server. */
  broke(assignment: Assignment, error: unknown): void
}

/**
 * Takes assignments, works on them and hands the results to the outbox. Never holds more than twice the announced
 * number of jobs, whatever a server sends, nor more than 192 MiB of results: what does not fit goes back untouched.
 */
export class Miner {
  readonly #wire: MiningWire
  readonly #work: Work
  readonly #events: MinerEvents
  readonly #concurrency: number
  readonly #outbox: Outbox
  readonly #running = new Map<string, Assignment>()
  #untouched: Assignment[] = []
  #up = false
  #draining = false
  #paused = false
  #mayStart: number
  #idleWaiters: (() => void)[] = []
  readonly #limit = Promise.withResolvers<void>()

  constructor(
    deps: { wire: MiningWire; work: Work; clock: Clock; soon: (action: () => void) => void },
    events: MinerEvents,
    limits: { concurrency: number; maxPages?: number },
  ) {
    this.#wire = deps.wire
    this.#work = deps.work
    this.#events = events
    this.#concurrency = limits.concurrency
    this.#mayStart = limits.maxPages ?? Number.POSITIVE_INFINITY
    this.#outbox = new Outbox(deps, (finished, verdict) => this.#judged(finished, verdict))
  }

  /** Jobs in hand: being fetched, or not yet begun. */
  get inHand(): number {
    return this.#running.size + this.#untouched.length
  }

  /** Results that wait for the server's verdict. */
  get waiting(): number {
    return this.#outbox.count
  }

  /** Whether no new work is taken because too many results wait. */
  get paused(): boolean {
    return this.#paused
  }

  /** Jobs that the server may have outstanding here: for the greeting. */
  get capacity(): number {
    return this.#draining || this.#paused ? 0 : this.#concurrency
  }

  /** The lease tokens of everything in hand or waiting, at most so many as a greeting takes: they stay ours. */
  get holding(): string[] {
    return [...this.#running.keys(), ...this.#outbox.tokens].slice(0, MAX_HOLDING)
  }

  /** Resolves when as many jobs were begun as the limit allows. */
  get limitReached(): Promise<void> {
    return this.#limit.promise
  }

  connected(): void {
    this.#up = true
    this.#outbox.wireUp()
    this.#regulate()
  }

  /** Jobs in hand go on; jobs not begun are forgotten, since the server gives them to somebody else. */
  disconnected(): void {
    this.#up = false
    this.#outbox.wireDown()
    this.#untouched = []
    this.#tellIfIdle()
  }

  assign(assignments: readonly Assignment[]): void {
    const refused: string[] = []
    for (const assignment of assignments) {
      if (this.#running.has(assignment.token)) continue
      if (this.#draining || this.#mayStart <= 0 || this.inHand >= 2 * this.#concurrency) refused.push(assignment.token)
      else if (this.#outbox.bytes > PAUSE_BYTES) this.#untouched.push(assignment)
      else this.#start(assignment)
    }
    if (refused.length > 0) this.#handBack(refused)
  }

  /** Takes no more work, hands back what was not begun; resolves when everything in hand is done and judged. */
  drain(): Promise<void> {
    this.#beginDrain()
    return this.idle()
  }

  /** Resolves as soon as nothing is in hand and no result waits. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve)
      this.#tellIfIdle()
    })
  }

  #beginDrain(): void {
    if (this.#draining) return
    this.#draining = true
    if (this.#up) this.#wire.capacity(0, 'finishing')
    this.#handBack(this.#untouched.map(({ token }) => token))
    this.#untouched = []
  }

  #start(assignment: Assignment): void {
    this.#running.set(assignment.token, assignment)
    this.#mayStart--
    this.#work(assignment).then(
      (finished) => this.#finished(finished),
      (error: unknown) => {
        this.#running.delete(assignment.token)
        this.#handBack([assignment.token])
        this.#events.broke(assignment, error)
        this.#tellIfIdle()
      },
    )
    if (this.#mayStart > 0) return
    this.#beginDrain()
    this.#limit.resolve()
  }

  #finished(finished: Finished): void {
    this.#running.delete(finished.assignment.token)
    if (this.#outbox.bytes + waitingBytes(finished) > MAX_WAITING_BYTES) {
      this.#handBack([finished.assignment.token])
      this.#events.ended(finished, 'given-up')
    } else this.#outbox.add(finished)
    this.#regulate()
  }

  #judged(finished: Finished, verdict: Exclude<SubmissionVerdict, 'later'>): void {
    this.#events.ended(finished, verdict)
    this.#regulate()
    if (this.#outbox.bytes <= PAUSE_BYTES) this.#untouched.splice(0).forEach((assignment) => this.#start(assignment))
    this.#tellIfIdle()
  }

  /** Stops taking jobs while more results wait than the server can have outstanding, and begins again at half of it. */
  #regulate(): void {
    const tooMany =
      this.#outbox.count > Math.max(LEAST_WAITING, 2 * this.#concurrency) || this.#outbox.bytes > PAUSE_BYTES
    const few = this.#outbox.count <= this.#concurrency / 2 && this.#outbox.bytes <= PAUSE_BYTES / 2
    if (this.#paused ? !few : !tooMany) return
    this.#paused = !this.#paused
    if (!this.#up || this.#draining) return
    if (this.#paused) this.#wire.capacity(0, 'backlog')
    else this.#wire.capacity(this.#concurrency)
  }

  #handBack(tokens: string[]): void {
    if (this.#up && tokens.length > 0) this.#wire.handBack(tokens)
  }

  #tellIfIdle(): void {
    if (this.inHand === 0 && this.#outbox.count === 0) this.#idleWaiters.splice(0).forEach((resolve) => resolve())
  }
}

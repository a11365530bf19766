import { EventGate, printable, wordsOf, type Output } from '@quarry/cli-kit'
import type { CancelTimer, Clock } from '@quarry/domain'
import type { Ending, Miner } from '../application/miner.ts'
import type { Finished } from '../application/work.ts'

const REDRAW_MS = 250
const RATE_SPAN_MS = 5_000

export interface Figures {
  readonly pages: number
  readonly failures: number
  readonly bytes: number
  readonly coins: number
}

/** Tells people and programs how mining goes: a dashboard on a terminal, lines in a pipe, NDJSON with `--json`. */
export class MiningReport {
  readonly #output: Output
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #gate: EventGate
  #connection = 'connecting'
  #connected = false
  #draining = false
  #waitingJobs: number | undefined
  #pages = 0
  #failures = 0
  #refused = 0
  #bytes = 0
  #coins = 0
  #last = ''
  #samples: { at: number; pages: number }[] = []
  #cancelRedraw: CancelTimer | undefined

  constructor(output: Output, clock: Clock) {
    this.#output = output
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#gate = new EventGate(clock, (heldBack) => {
      const more = output.json ? undefined : `… ${heldBack} more jobs: ${this.#sums()}`
      output.event('summary', { heldBack, ...this.figures }, more)
    })
  }

  get figures(): Figures {
    return { pages: this.#pages, failures: this.#failures, bytes: this.#bytes, coins: this.#coins }
  }

  /** Begins to draw, on a terminal. */
  start(miner: Miner): void {
    if (this.#output.live) this.#redraw(miner)
  }

  connected(server: string): void {
    this.#connected = true
    this.#connection = `connected to ${server}`
    this.#output.event('connected', { server }, this.#output.live ? undefined : this.#connection)
  }

  disconnected(error: Error, retryInMs: number): void {
    const message = printable(wordsOf(error))
    this.#connected = false
    this.#connection = `not connected: ${message}`
    this.#output.event('disconnected', { message, retryInMs })
    if (!this.#output.json) this.#output.note(`${message} Trying again in ${(retryInMs / 1000).toFixed(1)} s.`)
  }

  draining(inHand: number): void {
    this.#draining = true
    const words = `finishing ${inHand} jobs in hand; Ctrl-C again stops now`
    this.#output.event('draining', { inHand })
    if (!this.#output.json) this.#output.note(words)
  }

  earned(sessionCoins: number): void {
    this.#coins = sessionCoins
  }

  waitingJobs(count: number | undefined): void {
    this.#waitingJobs = count
  }

  ended(finished: Finished, ending: Exclude<Ending, 'later'>): void {
    const { outcome } = finished.submission
    if (ending !== 'accepted') this.#refused++
    else if (outcome.kind === 'page') {
      this.#pages++
      this.#bytes += outcome.content.sizeBytes
    } else this.#failures++
    if (this.#output.live) this.#last = sentenceOf(finished, ending)
    else if (this.#gate.pass()) this.#output.event('job', fieldsOf(finished, ending), sentenceOf(finished, ending))
  }

  note(text: string): void {
    this.#output.note(printable(text))
  }

  end(miner: Miner): void {
    this.#cancelRedraw?.()
    this.#gate.flush()
    this.#output.block(this.#lines(miner))
    this.#output.keepBlock()
    this.#output.event('ended', { ...this.figures }, this.#output.live ? undefined : `ended: ${this.#sums()}`)
  }

  /** What the miner is doing, or why it is doing nothing. */
  stateOf(miner: Miner): string {
    if (this.#draining) return `finishing: ${miner.inHand} in hand, ${miner.waiting} results wait for the server`
    if (!this.#connected) return this.#connection
    if (miner.paused) return `paused: ${miner.waiting} results wait for the server`
    if (miner.inHand > 0) return `mining: ${miner.inHand} in hand`
    if (miner.waiting > 0) return `sending: ${miner.waiting} results wait for the server`
    if (this.#waitingJobs) return `idle: ${this.#waitingJobs} jobs wait for their sites' turn or for other miners`
    return 'idle: the server has no work at the moment'
  }

  #redraw(miner: Miner): void {
    this.#output.block(this.#lines(miner))
    this.#cancelRedraw = this.#clock.after(REDRAW_MS, () => this.#redraw(miner))
  }

  #lines(miner: Miner): string[] {
    const { paint } = { paint: this.#output.paint.bind(this.#output) }
    const seconds = Math.max(0, Math.round((this.#clock.now() - this.#startedAt) / 1000))
    return [
      `${paint('bold', 'mining-client')}  ${printable(this.stateOf(miner))}`,
      `  ${this.#sums()}  ${paint('dim', `${this.#perSecond().toFixed(1)} pages/s, ${seconds} s`)}`,
      `  ${paint('dim', this.#last || this.#connection)}`,
    ]
  }

  #perSecond(): number {
    const now = this.#clock.now()
    this.#samples.push({ at: now, pages: this.#pages })
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > RATE_SPAN_MS) this.#samples.shift()
    const first = this.#samples[0]
    return first && now > first.at ? ((this.#pages - first.pages) * 1000) / (now - first.at) : 0
  }

  #sums(): string {
    const failed = this.#failures > 0 ? `, ${this.#failures} failures` : ''
    const refused = this.#refused > 0 ? `, ${this.#refused} not taken` : ''
    return `${this.#pages} pages${failed}${refused}, ${this.#coins} coins, ${(this.#bytes / 1_000_000).toFixed(1)} MB`
  }
}

function fieldsOf({ assignment, submission }: Finished, ending: string): Record<string, unknown> {
  const { jobId, url } = assignment
  const { outcome } = submission
  if (outcome.kind === 'failure') return { jobId, url, outcome: 'failure', reason: outcome.reason, verdict: ending }
  const { status, content, timings } = outcome
  return { jobId, url, outcome: 'page', status, bytes: content.sizeBytes, tookMs: timings.totalMs, verdict: ending }
}

function sentenceOf({ assignment, submission }: Finished, ending: string): string {
  const { outcome } = submission
  const url = printable(assignment.url)
  const verdict = ending === 'accepted' ? '' : ` (${ending})`
  if (outcome.kind === 'failure') return `failed ${outcome.reason} ${url}${verdict}`
  return `fetched ${outcome.status} ${outcome.content.sizeBytes} bytes ${Math.round(outcome.timings.totalMs)} ms ${url}${verdict}`
}

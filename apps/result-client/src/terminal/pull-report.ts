import { EventGate, printable, wordsOf, type Output } from '@quarry/cli-kit'
import type { CancelTimer, Clock, RunResult } from '@quarry/domain'
import type { StagedResult } from '../application/result-store.ts'

const REDRAW_MS = 250

/** Tells people and programs how a pull goes: a block on a terminal, lines in a pipe, NDJSON with `--json`. */
export class PullReport {
  readonly #output: Output
  readonly #clock: Clock
  readonly #folder: string
  readonly #gate: EventGate
  readonly #startedAt: number
  #state = 'connecting'
  #pages = 0
  #failures = 0
  #bytes = 0
  #last = ''
  #rate = { at: 0, results: 0, perSecond: 0 }
  #cancelRedraw: CancelTimer | undefined

  constructor(output: Output, clock: Clock, folder: string) {
    this.#output = output
    this.#clock = clock
    this.#folder = folder
    this.#startedAt = clock.now()
    this.#rate.at = this.#startedAt
    this.#gate = new EventGate(clock, (heldBack) =>
      output.raw(`… ${heldBack} more results (${this.#total()} in all)\n`),
    )
  }

  get stored(): { pages: number; failures: number; bytes: number } {
    return { pages: this.#pages, failures: this.#failures, bytes: this.#bytes }
  }

  start(): void {
    if (this.#output.live) this.#redraw()
  }

  connected(server: string): void {
    this.#state = 'connected'
    this.#output.event('connected', { server }, this.#output.live ? undefined : `connected to ${server}`)
  }

  disconnected(error: Error, retryInMs: number): void {
    const message = printable(wordsOf(error))
    this.#state = `not connected: ${message}`
    this.#output.event('disconnected', { message, retryInMs })
    if (!this.#output.json) this.#output.note(`${message} Trying again in ${(retryInMs / 1000).toFixed(1)} s.`)
  }

  batch(batch: readonly StagedResult[]): void {
    for (const { run } of batch) {
      if (run.outcome.kind === 'page') {
        this.#pages++
        this.#bytes += run.outcome.content.sizeBytes
      } else this.#failures++
    }
    const last = batch.at(-1)
    if (last) this.#last = sentenceOf(last)
    if (this.#output.json)
      this.#output.raw(batch.map((staged) => this.#output.eventLine('result', fieldsOf(staged))).join(''))
    else if (!this.#output.live)
      for (const staged of batch) if (this.#gate.pass()) this.#output.raw(`${sentenceOf(staged)}\n`)
  }

  damaged(run: RunResult, problem: string, givenUp: boolean): void {
    const what = givenUp ? 'given up' : 'asking again'
    this.#output.event('damaged', { jobId: run.jobId, url: run.url, problem, givenUp })
    if (!this.#output.json) this.#output.note(`${run.jobId}: the body arrived damaged (${problem}); ${what}.`)
  }

  caughtUp(): void {
    this.#state = 'up to date, waiting for new results'
    this.#output.event('caught-up', this.stored, this.#output.live ? undefined : `up to date: ${this.#summary()}`)
  }

  end(): void {
    this.#cancelRedraw?.()
    this.#gate.flush()
    this.#state = 'ended'
    this.#output.block(this.#lines())
    this.#output.keepBlock()
    this.#output.event('ended', this.stored, this.#output.live ? undefined : `ended: ${this.#summary()}`)
  }

  #redraw(): void {
    const now = this.#clock.now()
    if (now - this.#rate.at >= 1000) {
      const results = this.#total()
      const perSecond = ((results - this.#rate.results) * 1000) / (now - this.#rate.at)
      this.#rate = { at: now, results, perSecond }
    }
    this.#output.block(this.#lines())
    this.#cancelRedraw = this.#clock.after(REDRAW_MS, () => this.#redraw())
  }

  #lines(): string[] {
    const { output } = { output: this.#output }
    const seconds = Math.max(0, Math.round((this.#clock.now() - this.#startedAt) / 1000))
    return [
      `${output.paint('bold', 'result-client')}  ${this.#state}`,
      `  ${this.#summary()}  ${output.paint('dim', `${this.#rate.perSecond.toFixed(1)}/s, ${seconds} s`)}`,
      `  ${output.paint('dim', this.#last || 'nothing received yet')}`,
    ]
  }

  #summary(): string {
    const failed = this.#failures > 0 ? `, ${this.#failures} failures` : ''
    return `${this.#pages} pages${failed}, ${(this.#bytes / 1_000_000).toFixed(1)} MB in ${this.#folder}`
  }

  #total(): number {
    return this.#pages + this.#failures
  }
}

function fieldsOf({ run, file, cursor }: StagedResult): Record<string, unknown> {
  const { jobId, url, outcome } = run
  if (outcome.kind === 'failure') return { jobId, url, cursor, outcome: 'failure', reason: outcome.reason }
  const { status, content } = outcome
  return { jobId, url, cursor, outcome: 'page', status, sizeBytes: content.sizeBytes, sha256: content.sha256, file }
}

function sentenceOf({ run, file }: StagedResult): string {
  const { outcome } = run
  if (outcome.kind === 'failure') return `failed ${run.jobId} ${outcome.reason} ${printable(run.url)}`
  return `stored ${file ?? run.jobId} ${outcome.status} ${outcome.content.sizeBytes} bytes ${printable(run.url)}`
}

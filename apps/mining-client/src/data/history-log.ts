import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Ending } from '../application/miner.ts'
import type { Finished } from '../application/work.ts'

/** One URL that this machine fetched (or refused to fetch). */
export interface HistoryLine {
  readonly at: string
  readonly jobId: string
  readonly url: string
  /** Where redirects led, when elsewhere. */
  readonly finalUrl?: string
  /** HTTP status of a page. */
  readonly status?: number
  /** Why there was no page. */
  readonly failure?: string
  /** Size of the page after transfer decoding. */
  readonly bytes: number
  readonly tookMs?: number
  /** What the server said to it. */
  readonly verdict: Exclude<Ending, 'later'> | 'unanswered'
  /** What it pays, as far as the server said; 0 for what is not paid. */
  readonly coins?: number
}

const NAME = 'history.jsonl'
const MAX_FILE_BYTES = 16 * 1024 * 1024
const KEPT_FILES = 5
const FLUSH_CHARS = 256 * 1024

/** The log of every URL fetched: JSON lines, written in batches, five files of 16 MiB at most. */
export class HistoryLog {
  readonly #folder: string
  #pending: string[] = []
  #pendingChars = 0
  #sizeBytes: number

  constructor(folder: string) {
    this.#folder = folder
    this.#sizeBytes = existsSync(this.#file(0)) ? statSync(this.#file(0)).size : 0
  }

  add(finished: Finished, verdict: HistoryLine['verdict']): void {
    const text = `${JSON.stringify(historyLine(finished, verdict))}\n`
    this.#pending.push(text)
    this.#pendingChars += text.length
    if (this.#pendingChars >= FLUSH_CHARS) this.flush()
  }

  /** Writes what is pending; throws the system's error, and forgets the batch, when it cannot. */
  flush(): void {
    if (this.#pending.length === 0) return
    const batch = Buffer.from(this.#pending.join(''))
    this.#pending = []
    this.#pendingChars = 0
    if (this.#sizeBytes > 0 && this.#sizeBytes + batch.length > MAX_FILE_BYTES) this.#rotate()
    appendFileSync(this.#file(0), batch, { mode: 0o600 })
    this.#sizeBytes += batch.length
  }

  #rotate(): void {
    for (let age = KEPT_FILES - 2; age >= 0; age--) {
      if (existsSync(this.#file(age))) renameSync(this.#file(age), this.#file(age + 1))
    }
    this.#sizeBytes = 0
  }

  #file(age: number): string {
    return historyFile(this.#folder, age)
  }
}

/** The latest lines, newest last; a line that a crash cut short is left out. */
export function readHistory(folder: string, limit: number): HistoryLine[] {
  const lines: HistoryLine[] = []
  for (let age = 0; age < KEPT_FILES && lines.length < limit; age++) {
    const path = historyFile(folder, age)
    if (!existsSync(path)) break
    lines.unshift(...lastLines(path, limit - lines.length))
  }
  return lines
}

function lastLines(path: string, limit: number): HistoryLine[] {
  const fd = openSync(path, 'r')
  try {
    let start = fstatSync(fd).size
    let text = Buffer.alloc(0)
    // A line more than asked for: the first one read may be cut.
    while (start > 0 && newlinesIn(text) <= limit) {
      const from = Math.max(0, start - 64 * 1024)
      const block = Buffer.alloc(start - from)
      readSync(fd, block, 0, block.length, from)
      text = Buffer.concat([block, text])
      start = from
    }
    const whole = start > 0 ? text.subarray(text.indexOf(10) + 1) : text
    return whole.toString('utf8').split('\n').flatMap(parsed).slice(-limit)
  } finally {
    closeSync(fd)
  }
}

function newlinesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}

function parsed(line: string): HistoryLine[] {
  try {
    return line ? [JSON.parse(line) as HistoryLine] : []
  } catch {
    return []
  }
}

function historyFile(folder: string, age: number): string {
  return join(folder, age === 0 ? NAME : `history.${age}.jsonl`)
}

function historyLine({ assignment, submission, finishedAt }: Finished, verdict: HistoryLine['verdict']): HistoryLine {
  const { jobId, url, priceCoins = assignment.test ? 0 : undefined } = assignment
  const { outcome } = submission
  const at = new Date(finishedAt).toISOString()
  if (outcome.kind === 'failure') {
    const status = outcome.status === undefined ? {} : { status: outcome.status }
    return { at, jobId, url, failure: outcome.reason, ...status, bytes: 0, verdict, coins: 0 }
  }
  const paid = verdict === 'accepted' ? priceCoins : 0
  return {
    at,
    jobId,
    url,
    ...(outcome.finalUrl === url ? {} : { finalUrl: outcome.finalUrl }),
    status: outcome.status,
    bytes: outcome.content.sizeBytes,
    tookMs: Math.round(outcome.timings.totalMs),
    verdict,
    ...(paid === undefined ? {} : { coins: paid }),
  }
}

import type { RunResult } from '@quarry/domain'
import { closeSync, openSync, readSync, statSync } from 'node:fs'

const LOOK_MS = 5
const NEWLINE = 10

/** One result, with the moment at which its line was seen in the log: its file was durable by then. */
export interface SeenResult {
  readonly run: RunResult
  readonly seenAt: number
}

/** Watches a result-client's log grow. Lines are kept as bytes and read only when asked for, so that watching costs little. */
export class ManifestWatch {
  readonly #file: string
  readonly #batches: { readonly seenAt: number; readonly bytes: Buffer }[] = []
  readonly #timer: NodeJS.Timeout
  #sizeBytes = 0
  #lines = 0

  constructor(file: string) {
    this.#file = file
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  get lines(): number {
    return this.#lines
  }

  get lastSeenAt(): number {
    return this.#batches.at(-1)?.seenAt ?? NaN
  }

  /** Everything seen, in order. */
  results(): SeenResult[] {
    return this.#batches.flatMap(({ seenAt, bytes }) =>
      bytes
        .toString('utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => ({ seenAt, run: JSON.parse(line) as RunResult })),
    )
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const sizeBytes = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0
    if (sizeBytes <= this.#sizeBytes) return
    const bytes = this.#read(sizeBytes - this.#sizeBytes)
    const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
    if (whole.byteLength === 0) return
    this.#batches.push({ seenAt: Date.now(), bytes: whole })
    this.#sizeBytes += whole.byteLength
    for (let at = whole.indexOf(NEWLINE); at >= 0; at = whole.indexOf(NEWLINE, at + 1)) this.#lines++
  }

  #read(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count)
    const fd = openSync(this.#file, 'r')
    try {
      return bytes.subarray(0, readSync(fd, bytes, 0, count, this.#sizeBytes))
    } finally {
      closeSync(fd)
    }
  }
}

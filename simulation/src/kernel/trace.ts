/** Decides whether a line is kept: by the order it is about, or because it tells of the surroundings (no order at all). */
export interface TraceWish {
  /** An order's id, or a job's. */
  readonly subject: string
  readonly lines: number
}

/**
 * What happened, twice: as a running hash over everything, which two runs of one seed must share; and, when wished for,
 * as the last lines about one order.
 */
export class Trace {
  readonly #wish: TraceWish | undefined
  readonly #subject: string
  readonly #lines: string[] = []
  #high = 0x811c9dc5
  #low = 0x01000193

  constructor(wish?: TraceWish) {
    this.#wish = wish
    this.#subject = wish?.subject.split(':')[0] ?? ''
  }

  get hash(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  /** Mixes numbers into the hash. */
  mix(...values: readonly number[]): void {
    for (const value of values) {
      const whole = value | 0
      const rest = Math.floor((value - whole) / 0x1_0000_0000) | 0
      this.#high = Math.imul(this.#high ^ whole, 0x01000193)
      this.#low = Math.imul(this.#low ^ (whole + rest + this.#high), 0x85ebca6b)
      this.#low ^= this.#low >>> 13
    }
  }

  /** Of the surroundings: kept in every trace. */
  tell(at: number, text: string): void {
    this.#mixText(at, text)
    if (this.#wish) this.#keep(at, text)
  }

  /** Of one step; kept when it mentions the order. `detail` is asked for only when lines are kept. */
  step(at: number, text: string, detail: () => unknown): void {
    this.#mixText(at, text)
    if (!this.#wish) return
    const told = JSON.stringify(detail(), shorten) ?? ''
    if (told.includes(this.#subject)) this.#keep(at, `${text} ${told}`)
  }

  #keep(at: number, text: string): void {
    this.#lines.push(`${new Date(at).toISOString().replace('T', ' ')}  ${text}`)
    if (this.#lines.length > (this.#wish?.lines ?? 0)) this.#lines.shift()
  }

  #mixText(at: number, text: string): void {
    this.mix(at, text.length)
    for (let index = 0; index < text.length; index++)
      this.#high = Math.imul(this.#high ^ text.charCodeAt(index), 0x01000193)
  }
}

/** Leaves out of a line what nobody needs to follow a job. */
const dull = new Set([
  'headers',
  'timings',
  'redirects',
  'finalUrl',
  'url',
  'traceparent',
  'body',
  'catchUp',
  'name',
  'host',
])

function shorten(key: string, value: unknown): unknown {
  if (dull.has(key)) return undefined
  return value instanceof Uint8Array ? `${value.byteLength} bytes` : value
}

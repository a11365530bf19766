/** Texts known at once, at most: so few that the table stays below some 10 MB, whatever texts come. */
const MOST = 65_536
/** Longer texts are seldom shared. */
const LONGEST = 64

/**
 * Numbers for texts that many records share, such as a host. Uses of each are counted, and a text that nobody uses any more
 * is forgotten.
 */
export class CountedTexts {
  readonly #most: number
  readonly #numbers = new Map<string, number>()
  readonly #texts: string[] = []
  readonly #uses: number[] = []
  readonly #free: number[] = []

  constructor(most = MOST) {
    this.#most = most
  }

  get size(): number {
    return this.#numbers.size
  }

  /**
   * Uses a well-formed text once more: its number, from 0 on, is its own until `release` was called as often. Undefined, and
   * nothing to release, when it gets none because it is long or the table is full.
   */
  use(text: string): number | undefined {
    const known = this.#numbers.get(text)
    if (known !== undefined) {
      this.#uses[known]!++
      return known
    }
    if (this.#numbers.size >= this.#most || text.length > LONGEST) return undefined
    const number = this.#free.pop() ?? this.#texts.length
    // A text that was cut from a larger one, or joined of several, would hold on to those.
    const copy = Buffer.from(text).toString()
    this.#numbers.set(copy, number)
    this.#texts[number] = copy
    this.#uses[number] = 1
    return number
  }

  textOf(number: number): string {
    return this.#texts[number]!
  }

  /** Takes back one use; returns the text. */
  release(number: number): string {
    const text = this.#texts[number]!
    if (--this.#uses[number]! === 0) {
      this.#numbers.delete(text)
      this.#texts[number] = ''
      this.#free.push(number)
    }
    return text
  }
}

const FIRST_BLOCK_BYTES = 16 * 1024
const LARGEST_BLOCK_BYTES = 1024 * 1024

/**
 * Gathers pieces of a body into few blocks: a sender of single bytes must not cost an object for each. Holds at most a
 * third more than was added, or one block of 16 KiB.
 */
export class ByteCollector {
  size = 0
  readonly #blocks: Uint8Array[] = []
  #last: Uint8Array = new Uint8Array(0)
  #used = 0
  readonly #expectedBytes: number

  /** With a good guess of the size in `expectedBytes`, the result needs no second copy. */
  constructor(expectedBytes = 0) {
    this.#expectedBytes = expectedBytes
  }

  add(piece: Uint8Array): void {
    this.size += piece.byteLength
    let rest = piece
    while (rest.byteLength > 0) {
      if (this.#used === this.#last.byteLength) this.#grow(rest.byteLength)
      const part = rest.subarray(0, this.#last.byteLength - this.#used)
      this.#last.set(part, this.#used)
      this.#used += part.byteLength
      rest = rest.subarray(part.byteLength)
    }
  }

  /** Everything added so far, in one piece. The collector must not be used afterwards. */
  take(): Uint8Array {
    const tail = this.#last.subarray(0, this.#used)
    if (this.#blocks.length === 0) return tail
    return Buffer.concat([...this.#blocks, tail], this.size)
  }

  #grow(wanted: number): void {
    if (this.#used > 0) this.#blocks.push(this.#last)
    const guess = this.#blocks.length === 0 ? Math.max(FIRST_BLOCK_BYTES, this.#expectedBytes) : this.size / 4
    this.#last = Buffer.allocUnsafeSlow(Math.min(Math.max(Math.ceil(guess), wanted, FIRST_BLOCK_BYTES), LARGEST_BLOCK_BYTES))
    this.#used = 0
  }
}

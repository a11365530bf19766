/** From this size on a piece is kept as it is: copying it would cost more than the object. */
const KEPT_PIECE_BYTES = 4 * 1024
const BLOCK_BYTES = 16 * 1024

/**
 * Gathers the pieces of a body. Small ones are copied together, as a sender of single bytes must not cost an object for
 * each; large ones are kept without a copy. Holds little more than what was added.
 */
export class ByteCollector {
  size = 0
  readonly #pieces: Uint8Array[] = []
  #block: Uint8Array | undefined
  #used = 0

  add(piece: Uint8Array): void {
    this.size += piece.byteLength
    if (piece.byteLength >= KEPT_PIECE_BYTES) {
      this.#closeBlock()
      this.#pieces.push(piece)
      return
    }
    if (this.#block && this.#used + piece.byteLength > this.#block.byteLength) this.#closeBlock()
    this.#block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES)
    this.#block.set(piece, this.#used)
    this.#used += piece.byteLength
  }

  /** Everything added so far, in one piece. The collector must not be used afterwards. */
  take(): Uint8Array {
    this.#closeBlock()
    const [only, ...others] = this.#pieces
    return only && others.length === 0 ? only : Buffer.concat(this.#pieces, this.size)
  }

  #closeBlock(): void {
    if (!this.#block) return
    this.#pieces.push(this.#block.subarray(0, this.#used))
    this.#block = undefined
    this.#used = 0
  }
}

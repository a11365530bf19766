/** Most bytes of unfinished bodies; a server that sends more at once is not keeping to the contract. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024

/** Puts the bodies together that come in pieces before their result does. */
export class ChunkAssembly {
  readonly #pieces = new Map<string, Uint8Array[]>()
  #pendingBytes = 0

  /** False when the piece is out of order or there are too many: the connection is of no use any more. */
  add(header: { cursor: string; index: number }, bytes: Uint8Array): boolean {
    const pieces = this.#pieces.get(header.cursor) ?? []
    if (header.index !== pieces.length) return false
    this.#pendingBytes += bytes.byteLength
    if (this.#pendingBytes > MAX_PENDING_BYTES) return false
    pieces.push(bytes)
    this.#pieces.set(header.cursor, pieces)
    return true
  }

  /** The whole body of the result at this cursor; undefined when no piece of it came. */
  take(cursor: string): Uint8Array | undefined {
    const pieces = this.#pieces.get(cursor)
    if (!pieces) return undefined
    this.#pieces.delete(cursor)
    const body = Buffer.concat(pieces)
    this.#pendingBytes -= body.byteLength
    return body
  }

  /** The connection is gone: unfinished bodies come again from their beginning. */
  clear(): void {
    this.#pieces.clear()
    this.#pendingBytes = 0
  }
}

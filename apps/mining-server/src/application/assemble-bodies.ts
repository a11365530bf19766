import type { LeaseToken } from '@quarry/messaging-port'

/** Bytes that one miner may have in unfinished bodies; more than any honest one needs. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024

/** Puts a miner's chunked bodies together. Chunks of a token arrive in order; anything else drops what was gathered. */
export class AssembleBodies {
  readonly #pending = new Map<LeaseToken, Uint8Array[]>()
  #pendingBytes = 0

  /** Whether the chunk was taken; when not, the body is begun anew with chunk 0. */
  take(token: LeaseToken, index: number, bytes: Uint8Array): boolean {
    if (index === 0) this.drop(token)
    const chunks = this.#pending.get(token) ?? []
    if (chunks.length !== index || this.#pendingBytes + bytes.byteLength > MAX_PENDING_BYTES) {
      this.drop(token)
      return false
    }
    chunks.push(bytes)
    this.#pending.set(token, chunks)
    this.#pendingBytes += bytes.byteLength
    return true
  }

  /** The whole body gathered for a token; undefined when there is none. */
  finish(token: LeaseToken): Uint8Array | undefined {
    const chunks = this.#pending.get(token)
    this.drop(token)
    return chunks && Buffer.concat(chunks)
  }

  drop(token: LeaseToken): void {
    for (const chunk of this.#pending.get(token) ?? []) this.#pendingBytes -= chunk.byteLength
    this.#pending.delete(token)
  }
}

import { CHUNK_BYTES } from '@quarry/contracts'
import type { LeaseToken } from '@quarry/messaging-port'

/** Bytes that one miner may have in unfinished bodies; more than any honest one needs. */
const MAX_MINER_BYTES = 64 * 1024 * 1024
/** The same of all miners of a server together. */
const MAX_SERVER_BYTES = 256 * 1024 * 1024

/** What the unfinished bodies of all miners take; shared by their `AssembleBodies`. */
export class AssemblySpace {
  readonly maxBytes: number
  usedBytes = 0

  constructor(maxBytes = MAX_SERVER_BYTES) {
    this.maxBytes = maxBytes
  }
}

/** Puts a miner's chunked bodies together. Chunks of a token arrive in order; anything else drops what was gathered. */
export class AssembleBodies {
  readonly #space: AssemblySpace
  /** Made when it is needed: most miners that are connected have no body under way. */
  #pending: Map<LeaseToken, Uint8Array[]> | undefined
  #pendingBytes = 0

  constructor(space: AssemblySpace) {
    this.#space = space
  }

  /** Whether the chunk was taken; when not, the body is begun anew with chunk 0. */
  take(token: LeaseToken, index: number, bytes: Uint8Array): boolean {
    if (index === 0) this.drop(token)
    const pending = (this.#pending ??= new Map<LeaseToken, Uint8Array[]>())
    const chunks = pending.get(token) ?? []
    if (chunks.length !== index || !this.#fits(bytes.byteLength)) {
      this.drop(token)
      return false
    }
    chunks.push(bytes)
    pending.set(token, chunks)
    this.#count(bytes.byteLength)
    return true
  }

  /** The whole body gathered for a token; undefined when there is none. */
  finish(token: LeaseToken): Uint8Array | undefined {
    const chunks = this.#pending?.get(token)
    this.drop(token)
    return chunks && Buffer.concat(chunks)
  }

  drop(token: LeaseToken): void {
    for (const chunk of this.#pending?.get(token) ?? []) this.#count(-chunk.byteLength)
    this.#pending?.delete(token)
  }

  /** The miner is gone; it sends unfinished bodies again when it comes back. */
  dropAll(): void {
    for (const token of [...(this.#pending?.keys() ?? [])]) this.drop(token)
  }

  #fits(bytes: number): boolean {
    if (bytes === 0 || bytes > CHUNK_BYTES) return false
    return this.#pendingBytes + bytes <= MAX_MINER_BYTES && this.#space.usedBytes + bytes <= this.#space.maxBytes
  }

  #count(bytes: number): void {
    this.#pendingBytes += bytes
    this.#space.usedBytes += bytes
  }
}

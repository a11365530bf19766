import { ok, type Content, type Result } from '@quarry/domain'
import { decodeBody, encodeBody, hashBody, type BodyMismatch, type EncodedBody } from './body-encoding.ts'

/** Bytes that are remembered at most, encoded and decoded together. */
const REMEMBERED_BYTES = 32 * 1024 * 1024
/** A body larger than this is not remembered: a few of them would push out everything else. */
const LARGEST_SHARE = 8

interface Remembered {
  readonly encoded: Uint8Array
  readonly content: Content
  readonly body: Uint8Array
}

/**
 * Encodes and decodes bodies, and knows the latest ones again: most repetitions of an order bring the page that the last
 * one brought, and comparing bytes costs a fraction of compressing, decompressing or hashing them (ADR 9).
 * What it returns may be shared between calls: read it, never write to it.
 */
export class RecentBodies {
  readonly #bySha256 = new Map<string, Remembered>()
  #rememberedBytes = 0

  /** As `encodeBody`. */
  async encode(body: Uint8Array): Promise<EncodedBody> {
    const known = this.#bySha256.get(hashBody(body))
    if (known) return { content: known.content, bytes: known.encoded }
    const encoded = await encodeBody(body)
    this.#remember({ encoded: encoded.bytes, content: encoded.content, body })
    return encoded
  }

  /** As `decodeBody`. */
  async decode(bytes: Uint8Array, content: Content, maxBytes: number): Promise<Result<Uint8Array, BodyMismatch>> {
    const known = this.#bySha256.get(content.sha256)
    if (known && isSame(known, bytes, content) && content.sizeBytes <= maxBytes) return ok(known.body)
    const body = await decodeBody(bytes, content, maxBytes)
    // Copies: what comes from a socket is a slice of a whole message, which must not be kept alive for it.
    if (body.ok) this.#remember({ encoded: Uint8Array.from(bytes), content, body: Uint8Array.from(body.value) })
    return body
  }

  #remember(entry: Remembered): void {
    const size = sizeOf(entry)
    if (size > REMEMBERED_BYTES / LARGEST_SHARE) return
    this.#forget(entry.content.sha256)
    this.#bySha256.set(entry.content.sha256, entry)
    this.#rememberedBytes += size
    for (const oldest of this.#bySha256.keys()) {
      if (this.#rememberedBytes <= REMEMBERED_BYTES) return
      this.#forget(oldest)
    }
  }

  #forget(sha256: string): void {
    const known = this.#bySha256.get(sha256)
    if (!known) return
    this.#bySha256.delete(sha256)
    this.#rememberedBytes -= sizeOf(known)
  }
}

function isSame(known: Remembered, bytes: Uint8Array, content: Content): boolean {
  const { sizeBytes, encoding, storedBytes } = known.content
  const sameContent =
    sizeBytes === content.sizeBytes && encoding === content.encoding && storedBytes === content.storedBytes
  return sameContent && Buffer.compare(known.encoded, bytes) === 0
}

function sizeOf({ encoded, body }: Remembered): number {
  return encoded.byteLength + body.byteLength
}

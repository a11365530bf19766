import type { Content } from '@quarry/domain'
import { decodeBody } from '@quarry/scrape'

/** Bytes of verified bodies that are remembered, to know an unchanged page again without decoding it. */
const REMEMBERED_BYTES = 32 * 1024 * 1024

/**
 * Checks that a body is what its envelope says before anybody is paid for it: size and SHA-256 of the decoded bytes.
 * Most repetitions bring a page that has not changed, so the latest verified bodies are kept and compared first.
 */
export class VerifyBodies {
  readonly #maxBodyBytes: number
  readonly #verified = new Map<string, { readonly bytes: Uint8Array; readonly content: Content }>()
  #rememberedBytes = 0

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes
  }

  async run(bytes: Uint8Array, content: Content): Promise<boolean> {
    if (bytes.byteLength !== content.storedBytes) return false
    const known = this.#verified.get(content.sha256)
    if (known && sameContent(known.content, content) && Buffer.compare(known.bytes, bytes) === 0) return true
    if (!(await decodeBody(bytes, content, this.#maxBodyBytes)).ok) return false
    this.#remember(content, bytes)
    return true
  }

  #remember(content: Content, bytes: Uint8Array): void {
    if (bytes.byteLength > REMEMBERED_BYTES / 16) return
    this.#forget(content.sha256)
    // A copy: the bytes are a slice of a whole message, which must not be kept alive for it.
    this.#verified.set(content.sha256, { bytes: Uint8Array.from(bytes), content })
    this.#rememberedBytes += bytes.byteLength
    for (const oldest of this.#verified.keys()) {
      if (this.#rememberedBytes <= REMEMBERED_BYTES) break
      this.#forget(oldest)
    }
  }

  #forget(sha256: string): void {
    this.#rememberedBytes -= this.#verified.get(sha256)?.bytes.byteLength ?? 0
    this.#verified.delete(sha256)
  }
}

/** The same bytes under another envelope are another claim: what they decode to must be looked at again. */
function sameContent(one: Content, other: Content): boolean {
  return one.encoding === other.encoding && one.sizeBytes === other.sizeBytes
}

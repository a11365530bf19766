import { MAX_BODY_BYTES } from '@quarry/contracts'
import type { Content } from '@quarry/domain'
import { decodeBody } from '@quarry/scrape'

/** Bytes of verified bodies that are remembered, to know an unchanged page again without decoding it. */
const REMEMBERED_BYTES = 32 * 1024 * 1024

/**
 * Checks that a body is what its envelope says before anybody is paid for it: size and SHA-256 of the decoded bytes.
 * Most repetitions bring a page that has not changed, so the latest verified bodies are kept and compared first.
 */
export class VerifyBodies {
  readonly #verified = new Map<string, Uint8Array>()
  #rememberedBytes = 0

  async run(bytes: Uint8Array, content: Content): Promise<boolean> {
    if (bytes.byteLength !== content.storedBytes) return false
    const known = this.#verified.get(content.sha256)
    if (known && Buffer.compare(known, bytes) === 0) return true
    if (!(await decodeBody(bytes, content, MAX_BODY_BYTES)).ok) return false
    this.#remember(content.sha256, bytes)
    return true
  }

  #remember(sha256: string, bytes: Uint8Array): void {
    if (bytes.byteLength > REMEMBERED_BYTES / 16) return
    this.#forget(sha256)
    // A copy: the bytes are a slice of a whole message, which must not be kept alive for it.
    this.#verified.set(sha256, Uint8Array.from(bytes))
    this.#rememberedBytes += bytes.byteLength
    for (const oldest of this.#verified.keys()) {
      if (this.#rememberedBytes <= REMEMBERED_BYTES) break
      this.#forget(oldest)
    }
  }

  #forget(sha256: string): void {
    this.#rememberedBytes -= this.#verified.get(sha256)?.byteLength ?? 0
    this.#verified.delete(sha256)
  }
}

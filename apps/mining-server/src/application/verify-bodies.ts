import type { Content } from '@quarry/domain'
import { RecentBodies } from '@quarry/scrape/recent-bodies'

/** Checks that a body is what its envelope says before anybody is paid for it: size and SHA-256 of the decoded bytes. */
export class VerifyBodies {
  readonly #maxBodyBytes: number
  readonly #bodies = new RecentBodies()

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes
  }

  async run(bytes: Uint8Array, content: Content): Promise<boolean> {
    return (await this.#bodies.decode(bytes, content, this.#maxBodyBytes)).ok
  }
}

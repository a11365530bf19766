import type { WebhookEndpoint } from '@quarry/domain'
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32
const PREFIX = 'whsec_'

/**
 * The secrets of all webhooks and of the links in mails, each made from the server's key and what it is for: so none is
 * stored, and whoever reads the database knows none. With another key all of them are others.
 */
export class WebhookSigning {
  readonly #key: string

  constructor(key: string) {
    this.#key = key
  }

  /** `whsec_…` as the Standard Webhooks specification has it. */
  secretOf(userId: string, endpointId: string, generation: number): string {
    return PREFIX + this.#derive(`webhook ${userId} ${endpointId} ${generation}`).toString('base64')
  }

  /** The headers of one attempt: signed with the endpoint's secret, and for the time of overlap with the one before. */
  headersOf(
    message: { eventId: string; payload: string },
    to: { userId: string; endpoint: Pick<WebhookEndpoint, 'id' | 'generation' | 'overlapUntil'> },
    now: number,
  ): Record<string, string> {
    const { id, generation, overlapUntil } = to.endpoint
    const generations = overlapUntil !== undefined && now < overlapUntil ? [generation, generation - 1] : [generation]
    const seconds = Math.floor(now / 1000)
    const signatures = generations.map((each) => {
      const key = this.#derive(`webhook ${to.userId} ${id} ${each}`)
      return `v1,${createHmac('sha256', key).update(`${message.eventId}.${seconds}.${message.payload}`).digest('base64')}`
    })
    return {
      'webhook-id': message.eventId,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signatures.join(' '),
    }
  }

  /** The token of a link that ends a user's mails. It does not age: an old mail's link must work. */
  unsubscribeToken(userId: string): string {
    return `${userId}.${this.#derive(`unsubscribe ${userId}`).toString('base64url')}`
  }

  /** Whose token it is; undefined when nobody's. */
  unsubscriberOf(token: string): string | undefined {
    const userId = token.slice(0, Math.max(0, token.lastIndexOf('.')))
    const [given, right] = [Buffer.from(token), Buffer.from(this.unsubscribeToken(userId))]
    return given.length === right.length && timingSafeEqual(given, right) ? userId : undefined
  }

  #derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, '', `quarry ${purpose}`, SECRET_BYTES))
  }
}

import { CodedError, type DeliveryView } from '@quarry/contracts'
import type { Clock, UserId, WebhookEndpoint } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { DeliveryRow, NotificationStore } from '@quarry/storage-port'
import { changeWishes } from './change-wishes.ts'
import type { PostWebhook } from './deliver-webhooks.ts'
import { viewOf } from './keep-wishes.ts'
import { testPayload } from './news.ts'
import type { WebhookSigning } from './webhook-signing.ts'

/** Nobody makes this server knock at an address more often by hand. */
const LEAST_DISTANCE_MS = 3_000

export interface TryEndpointDeps {
  readonly store: NotificationStore
  readonly poster: PostWebhook
  readonly signing: WebhookSigning
  readonly live: LiveEvents
  readonly clock: Clock
}

/** Sends one webhook at its owner's word and says at once what came of it; such an attempt is not repeated. */
export class TryEndpoint {
  readonly #deps: TryEndpointDeps

  constructor(deps: TryEndpointDeps) {
    this.#deps = deps
  }

  /** Sends a test. Throws `endpoint_not_found`, `too_many_requests`. */
  async test(userId: UserId, endpointId: string): Promise<DeliveryView> {
    const endpoint = await this.#take(userId, endpointId)
    const at = this.#deps.clock.now()
    return this.#send(userId, endpoint, { ...testPayload(endpointId, at), type: 'webhook.test', at, attempts: 0 })
  }

  /** Sends a line of the log again, under its id. Throws `endpoint_not_found`, `delivery_not_found`, `too_many_requests`. */
  async resend(userId: UserId, endpointId: string, eventId: string): Promise<DeliveryView> {
    const endpoint = await this.#take(userId, endpointId)
    const line = (await this.#deps.store.deliveries(userId, endpointId)).find((each) => each.eventId === eventId)
    if (!line) throw new CodedError('delivery_not_found', `The log has no delivery ${eventId}.`)
    return this.#send(userId, endpoint, line)
  }

  /** Notes the attempt before it is made, so that those of all instances keep their distance. */
  async #take(userId: UserId, endpointId: string): Promise<WebhookEndpoint> {
    const { store, clock } = this.#deps
    const now = clock.now()
    const { endpoints } = await changeWishes(store, clock, {
      userId,
      change: (wishes) => ({
        ...wishes,
        endpoints: wishes.endpoints.map((each) => (each.id === endpointId ? tested(each, now) : each)),
      }),
    })
    const endpoint = endpoints.find(({ id }) => id === endpointId)
    if (!endpoint) throw new CodedError('endpoint_not_found', `You have no webhook ${endpointId}.`)
    return endpoint
  }

  async #send(
    userId: UserId,
    endpoint: WebhookEndpoint,
    sent: Pick<DeliveryRow, 'eventId' | 'payload' | 'type' | 'at' | 'attempts'>,
  ): Promise<DeliveryView> {
    const { store, poster, signing, clock, live } = this.#deps
    const triedAt = clock.now()
    const headers = signing.headersOf(sent, { userId, endpoint }, triedAt)
    const { durationMs, status, error } = await poster.post({ url: endpoint.url, headers, body: sent.payload })
    const { eventId, payload, type, at, attempts } = sent
    const row: DeliveryRow = {
      ...{ eventId, payload, type, at, triedAt, durationMs, attempts: attempts + 1 },
      state: status !== undefined && status >= 200 && status < 300 ? 'delivered' : 'given-up',
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error }),
    }
    await store.record(userId, endpoint.id, [row])
    live.publish(`user:${userId}`, { kind: 'notifications-changed' })
    return viewOf(row)
  }
}

function tested(endpoint: WebhookEndpoint, now: number): WebhookEndpoint {
  const waitMs = (endpoint.testedAt ?? -Infinity) + LEAST_DISTANCE_MS - now
  if (waitMs > 0) throw new CodedError('too_many_requests', 'Wait a moment between tries.', { retryAfterMs: waitMs })
  return { ...endpoint, testedAt: now }
}

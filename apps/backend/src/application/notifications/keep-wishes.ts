import {
  CodedError,
  type ChangeEndpoint,
  type CreateEndpoint,
  type DeliveryView,
  type EndpointView,
  type EndpointWithSecret,
  type NotificationSettings,
  type NotificationsView,
} from '@quarry/contracts'
import {
  MAX_ENDPOINTS,
  noWishes,
  type Clock,
  type NotificationWishes,
  type Result,
  type UserId,
  type WebhookEndpoint,
} from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { ChannelProgress, DeliveryRow, NotificationStore, UserStore } from '@quarry/storage-port'
import { changeWishes } from './change-wishes.ts'
import type { WebhookSigning } from './webhook-signing.ts'

const HOUR_MS = 3_600_000

export interface KeepWishesDeps {
  readonly store: NotificationStore
  readonly users: Pick<UserStore, 'userById'>
  readonly signing: WebhookSigning
  /** Refuses what can be seen to be no address for a webhook. */
  readonly check: (url: string) => Result<void, string>
  readonly newId: () => string
  readonly mailDelivers: boolean
  readonly live: LiveEvents
  readonly clock: Clock
}

/** What customers say about notifications, and how their webhooks do. */
export class KeepWishes {
  readonly #deps: KeepWishesDeps

  constructor(deps: KeepWishesDeps) {
    this.#deps = deps
  }

  async show(userId: UserId): Promise<NotificationsView> {
    const { store, clock, users, mailDelivers } = this.#deps
    const { endpoints, mail, missesInARow, lowBalanceCoins } =
      (await store.wishes(userId))?.value ?? noWishes(clock.now())
    const { since: _, ...wanted } = mail
    const mailTo = mailDelivers ? (await users.userById(userId))?.email : undefined
    return {
      endpoints: await Promise.all(endpoints.map((endpoint) => this.#view(userId, endpoint))),
      mail: wanted,
      ...(mailTo !== undefined && { mailTo }),
      missesInARow,
      ...(lowBalanceCoins !== undefined && { lowBalanceCoins }),
    }
  }

  /** Throws `webhook_address_forbidden`, `too_many_endpoints`. */
  async create(userId: UserId, wish: CreateEndpoint): Promise<EndpointWithSecret> {
    this.#checkUrl(wish.url)
    const now = this.#deps.clock.now()
    const endpoint = { ...wish, id: this.#deps.newId(), createdAt: now, enabledAt: now, generation: 1 }
    await this.#change(userId, (wishes) => {
      if (wishes.endpoints.length >= MAX_ENDPOINTS)
        throw new CodedError('too_many_endpoints', `An account has at most ${MAX_ENDPOINTS} webhooks.`)
      return { ...wishes, endpoints: [...wishes.endpoints, endpoint] }
    })
    return this.#withSecret(userId, endpoint)
  }

  /** Enabling it again begins with what happens from now on. Throws `endpoint_not_found`, `webhook_address_forbidden`. */
  async changeEndpoint(userId: UserId, endpointId: string, change: ChangeEndpoint): Promise<EndpointView> {
    if (change.url !== undefined) this.#checkUrl(change.url)
    const now = this.#deps.clock.now()
    const changed = await this.#changeOne(userId, endpointId, (endpoint) => {
      const { disabled, ...rest } = endpoint
      const { enabled = !disabled, url = rest.url, name = rest.name, events = rest.events } = change
      const next = { ...rest, url, name, events }
      if (!enabled) return { ...next, disabled: disabled ?? { at: now, why: 'by-owner' } }
      return disabled ? { ...next, enabledAt: now } : next
    })
    return this.#view(userId, changed)
  }

  async remove(userId: UserId, endpointId: string): Promise<void> {
    await this.#change(userId, (wishes) => ({
      ...wishes,
      endpoints: wishes.endpoints.filter(({ id }) => id !== endpointId),
    }))
  }

  /** A new secret; the one before signs as well for `overlapHours`. Throws `endpoint_not_found`. */
  async rotate(userId: UserId, endpointId: string, overlapHours: number): Promise<EndpointWithSecret> {
    const overlapUntil = this.#deps.clock.now() + overlapHours * HOUR_MS
    const changed = await this.#changeOne(userId, endpointId, (endpoint) => ({
      ...endpoint,
      generation: endpoint.generation + 1,
      overlapUntil,
    }))
    return this.#withSecret(userId, changed)
  }

  async saveSettings(userId: UserId, settings: NotificationSettings): Promise<NotificationsView> {
    const now = this.#deps.clock.now()
    await this.#change(userId, (wishes) => {
      const { lowBalanceCoins: _, ...rest } = wishes
      const { mail, missesInARow, lowBalanceCoins } = settings
      const since = mailsAny(wishes.mail) ? wishes.mail.since : now
      return {
        ...rest,
        mail: { ...mail, since },
        missesInARow,
        ...(lowBalanceCoins !== undefined && { lowBalanceCoins }),
      }
    })
    return this.show(userId)
  }

  /** Ends all mails of whoever the token was made for. Repeating it changes nothing. Throws `unsubscribe_invalid`. */
  async unsubscribe(token: string): Promise<void> {
    const userId = this.#deps.signing.unsubscriberOf(token)
    const stored = userId === undefined ? undefined : await this.#deps.store.wishes(userId)
    if (userId === undefined) throw new CodedError('unsubscribe_invalid', 'This is no link of ours, or not all of it.')
    if (!stored) return
    await this.#change(userId, (wishes) => ({
      ...wishes,
      mail: { ...wishes.mail, changed: false, failed: false, lowBalance: false },
    }))
  }

  /** Throws `endpoint_not_found`. */
  async deliveries(userId: UserId, endpointId: string): Promise<readonly DeliveryView[]> {
    await this.endpoint(userId, endpointId)
    return (await this.#deps.store.deliveries(userId, endpointId)).map(viewOf)
  }

  /** Throws `endpoint_not_found`. */
  async endpoint(userId: UserId, endpointId: string): Promise<WebhookEndpoint> {
    const wishes = (await this.#deps.store.wishes(userId))?.value
    const endpoint = wishes?.endpoints.find(({ id }) => id === endpointId)
    if (!endpoint) throw notFound(endpointId)
    return endpoint
  }

  /** Replaces one endpoint by what `change` makes of it. Throws `endpoint_not_found`. */
  async #changeOne(
    userId: UserId,
    endpointId: string,
    change: (endpoint: WebhookEndpoint) => WebhookEndpoint,
  ): Promise<WebhookEndpoint> {
    const { endpoints } = await this.#change(userId, (wishes) => {
      if (!wishes.endpoints.some(({ id }) => id === endpointId)) throw notFound(endpointId)
      return { ...wishes, endpoints: wishes.endpoints.map((each) => (each.id === endpointId ? change(each) : each)) }
    })
    const changed = endpoints.find(({ id }) => id === endpointId)
    if (!changed) throw notFound(endpointId)
    return changed
  }

  async #change(
    userId: UserId,
    change: (wishes: NotificationWishes) => NotificationWishes,
  ): Promise<NotificationWishes> {
    const { store, clock, live } = this.#deps
    const wishes = await changeWishes(store, clock, { userId, change })
    live.publish('notifications', { kind: 'wishes-changed', userId })
    live.publish(`user:${userId}`, { kind: 'notifications-changed' })
    return wishes
  }

  #checkUrl(url: string): void {
    const verdict = this.#deps.check(url)
    if (verdict.ok) return
    throw new CodedError('webhook_address_forbidden', `url: ${verdict.error}`, {
      fields: [{ field: 'url', problem: verdict.error, allowed: 'a public https address on port 443' }],
    })
  }

  async #withSecret(userId: UserId, endpoint: WebhookEndpoint): Promise<EndpointWithSecret> {
    const secret = this.#deps.signing.secretOf(userId, endpoint.id, endpoint.generation)
    return { endpoint: await this.#view(userId, endpoint), secret }
  }

  async #view(userId: UserId, endpoint: WebhookEndpoint): Promise<EndpointView> {
    const stored = (await this.#deps.store.progress(userId, endpoint.id))?.value
    const progress: Partial<ChannelProgress> = stored?.startedAt === endpoint.enabledAt ? stored : {}
    const { id, name, url, events, createdAt, disabled, overlapUntil } = endpoint
    const overlaps = overlapUntil !== undefined && overlapUntil > this.#deps.clock.now()
    return {
      ...{ id, name, url, events, createdAt, waiting: progress.waiting?.length ?? 0 },
      ...(disabled && { disabled }),
      ...(overlaps && { overlapUntil }),
      ...(progress.failingSince !== undefined && { failingSince: progress.failingSince }),
    }
  }
}

/** A line of the log without its payload. */
export function viewOf({ payload: _, ...line }: DeliveryRow): DeliveryView {
  return line
}

function mailsAny({ changed, failed, lowBalance }: NotificationWishes['mail']): boolean {
  return changed || failed || lowBalance
}

function notFound(endpointId: string): CodedError {
  return new CodedError('endpoint_not_found', `You have no webhook ${endpointId}.`)
}

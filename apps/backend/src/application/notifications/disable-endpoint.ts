import type { Clock, NotificationWishes, UserId, WebhookEndpoint } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { NotificationStore } from '@quarry/storage-port'
import { changeWishes } from './change-wishes.ts'

/** Stops an endpoint that takes nothing, and leaves a note from which its owner is told by mail. */
export class DisableEndpoint {
  readonly #store: NotificationStore
  readonly #live: LiveEvents
  readonly #clock: Clock

  constructor(deps: { store: NotificationStore; live: LiveEvents; clock: Clock }) {
    this.#store = deps.store
    this.#live = deps.live
    this.#clock = deps.clock
  }

  /** Nothing happens when its owner has changed it meanwhile. The note comes first: it is known by its id. */
  async run(userId: UserId, endpoint: WebhookEndpoint, why: 'gone' | 'failing'): Promise<void> {
    const at = this.#clock.now()
    await this.#store.addNote(userId, {
      noteId: `endpoint-disabled_${endpoint.id}_${endpoint.enabledAt}`,
      at,
      news: { type: 'endpoint.disabled', endpointId: endpoint.id },
    })
    await changeWishes(this.#store, this.#clock, {
      userId,
      change: (wishes): NotificationWishes => ({
        ...wishes,
        endpoints: wishes.endpoints.map((each) =>
          each.id === endpoint.id && each.enabledAt === endpoint.enabledAt && !each.disabled
            ? { ...each, disabled: { at, why } }
            : each,
        ),
      }),
    })
    this.#live.publish('notifications', { kind: 'wishes-changed', userId })
    this.#live.publish(`user:${userId}`, { kind: 'notifications-changed' })
  }
}

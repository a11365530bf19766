import { noWishes, Unavailable, type Clock, type NotificationWishes, type UserId } from '@quarry/domain'
import type { NotificationStore } from '@quarry/storage-port'

const MOST_TRIES = 10

/**
 * Changes a customer's wishes, read anew whenever somebody else was faster; what `change` throws ends it. Returns the
 * wishes as they are then. Throws `Unavailable` when others are always faster.
 */
export async function changeWishes(
  store: NotificationStore,
  clock: Clock,
  by: { userId: UserId; change: (wishes: NotificationWishes) => NotificationWishes },
): Promise<NotificationWishes> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const stored = await store.wishes(by.userId)
    const next = by.change(stored?.value ?? noWishes(clock.now()))
    const saved = await store.saveWishes(by.userId, stored?.version ?? 0, next)
    if (saved.ok) return next
  }
  throw new Unavailable('The notification settings are being changed by many at once')
}

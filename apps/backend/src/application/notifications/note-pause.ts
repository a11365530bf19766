import type { Clock, OrderId, UserId } from '@quarry/domain'
import type { NotificationStore, ScheduleStore } from '@quarry/storage-port'

/**
 * Leaves a note ahead of a pause, for customers who want to hear of one: whoever dies in between leaves a note of a pause
 * that never was, and it is looked at again before it is told.
 */
export class NotePause {
  readonly #store: NotificationStore
  readonly #schedule: Pick<ScheduleStore, 'find'>
  readonly #clock: Clock

  constructor(deps: { store: NotificationStore; schedule: Pick<ScheduleStore, 'find'>; clock: Clock }) {
    this.#store = deps.store
    this.#schedule = deps.schedule
    this.#clock = deps.clock
  }

  /** Resolves with how to take the note back when the pause was refused. An order that is paused already gets none. */
  async before(orderId: OrderId, customerId: UserId, reason: string | undefined): Promise<() => Promise<void>> {
    const wishes = (await this.#store.wishes(customerId))?.value
    const isWanted = wishes?.endpoints.some(({ events, disabled }) => !disabled && events.includes('order.paused'))
    if (!isWanted || (await this.#schedule.find(orderId))?.state !== 'active') return () => Promise.resolve()
    const at = this.#clock.now()
    const note = {
      noteId: `order-paused_${orderId}_${at}`,
      at,
      news: { type: 'order.paused' as const, orderId, ...(reason !== undefined && { reason }) },
    }
    await this.#store.addNote(customerId, note)
    return () => this.#store.removeNotes(customerId, [note])
  }
}

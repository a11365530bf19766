import type { SettlementMessage } from '@quarry/contracts'
import { dayOf, type Clock, type Day } from '@quarry/domain'
import type { LiveEvents, Presence } from '@quarry/messaging-port'
import type { PeopleStore } from '@quarry/storage-port'

interface Paid {
  readonly day: Day
  readonly userId: string
  readonly deviceId: string | undefined
  readonly coins: number
}

/**
 * Counts what the ledger has newly paid to miners, for figures to look at: by user and day for good, by device for as
 * long as it is on its owner's list. The ledger is the truth. Nothing is counted twice; what was paid since the last
 * flush is not counted when the process dies, nor what a store refuses.
 */
export class CountEarnings {
  readonly #people: PeopleStore
  readonly #presence: Presence
  readonly #live: LiveEvents
  readonly #clock: Clock
  #paid = new Map<string, Paid>()
  #pages = new Map<string, number>()

  constructor(deps: { people: PeopleStore; presence: Presence; live: LiveEvents; clock: Clock }) {
    this.#people = deps.people
    this.#presence = deps.presence
    this.#live = deps.live
    this.#clock = deps.clock
  }

  /** A settlement that the ledger has just posted for the first time. Keeps one row for each device. */
  note({ transfer, deviceId }: SettlementMessage): void {
    if (transfer.kind !== 'payment' || !transfer.credit.startsWith('user:')) return
    const [day, userId] = [dayOf(this.#clock.now()), transfer.credit.slice('user:'.length)]
    const key = `${day} ${userId} ${deviceId ?? ''}`
    const coins = (this.#paid.get(key)?.coins ?? 0) + transfer.amountCoins
    this.#paid.set(key, { day, userId, deviceId, coins })
    this.#pages.set(key, (this.#pages.get(key) ?? 0) + 1)
  }

  /** Writes down what was noted, and tells the miners and the marketplace. */
  async flush(): Promise<void> {
    const [paid, pages] = [this.#paid, this.#pages]
    if (paid.size === 0) return
    this.#paid = new Map()
    this.#pages = new Map()
    const all = [...paid].map(([key, one]) => ({ ...one, pages: pages.get(key) ?? 0 }))
    const days = new Set(all.map(({ day }) => day))
    const devices = all.flatMap(({ userId, deviceId, coins }) =>
      deviceId === undefined ? [] : [{ userId, deviceId, coins }],
    )
    const writes = await Promise.allSettled([
      ...[...days].map((day) =>
        this.#people.addEarned(
          day,
          all.filter((one) => one.day === day),
        ),
      ),
      this.#presence.paid(devices),
    ])
    for (const userId of new Set(all.map((one) => one.userId)))
      this.#live.publish(`user:${userId}`, { kind: 'miners-changed' })
    this.#live.publish('market', { kind: 'market-changed' })
    const failed = writes.find((write) => write.status === 'rejected')
    if (failed) throw failed.reason
  }
}

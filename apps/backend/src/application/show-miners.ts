import type { CoinService, DeviceView, MinersView } from '@quarry/contracts'
import { dayOf, type Clock, type Day, type DeviceId, type Flow, type UserId } from '@quarry/domain'
import type { LiveEvents, Presence, SeenDevice } from '@quarry/messaging-port'
import type { PeopleStore } from '@quarry/storage-port'

const WEEK_DAYS = 7

/** A user's own devices, and what they earn: coins by the ledger, pages as counted. */
export class ShowMiners {
  readonly #presence: Presence
  readonly #people: PeopleStore
  readonly #coins: Pick<CoinService, 'flows'>
  readonly #live: LiveEvents
  readonly #clock: Clock

  constructor(deps: {
    presence: Presence
    people: PeopleStore
    coins: Pick<CoinService, 'flows'>
    live: LiveEvents
    clock: Clock
  }) {
    this.#presence = deps.presence
    this.#people = deps.people
    this.#coins = deps.coins
    this.#live = deps.live
    this.#clock = deps.clock
  }

  async run(userId: UserId): Promise<MinersView> {
    const today = dayOf(this.#clock.now())
    const from = today - (WEEK_DAYS - 1)
    const [devices, ofToday, ofWeek, flows] = await Promise.all([
      this.#presence.devicesOf(userId),
      this.#people.earnedBy(userId, today, today),
      this.#people.earnedBy(userId, from, today),
      this.#coins.flows(userId, { from, to: today }),
    ])
    return {
      devices: devices.map(deviceView),
      today: { pages: ofToday.pages, coins: paidSince(flows, today) },
      week: { pages: ofWeek.pages, coins: paidSince(flows, from) },
    }
  }

  /** Takes a device that is away off the list; false when it is here, or not on it. */
  async forget(userId: UserId, deviceId: DeviceId): Promise<boolean> {
    const forgotten = await this.#presence.forget(userId, deviceId)
    if (forgotten) this.#live.publish(`user:${userId}`, { kind: 'miners-changed' })
    return forgotten
  }
}

/** Counts are told by different services: what was paid already may be ahead of what was taken. */
function deviceView({ here, idle, coins, paidCoins, ...device }: SeenDevice): DeviceView {
  const state = here ? (idle === undefined ? 'mining' : 'idle') : 'away'
  return {
    ...device,
    state,
    pendingCoins: Math.max(0, coins - paidCoins),
    paidCoins,
    ...(state === 'idle' && idle !== undefined && { idle }),
  }
}

function paidSince(flows: readonly Flow[], from: Day): number {
  return flows.reduce((sum, { kind, day, inCoins }) => sum + (kind === 'payment' && day >= from ? inCoins : 0), 0)
}

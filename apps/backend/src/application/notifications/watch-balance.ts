import type { CoinService } from '@quarry/contracts'
import type { Clock, UserId } from '@quarry/domain'
import type { NotificationStore } from '@quarry/storage-port'
import type { Round } from './channel-loop.ts'

/** Notes each time that a customer's coins fall below the threshold; once until they were at it again. */
export class WatchBalance {
  readonly #store: NotificationStore
  readonly #coins: Pick<CoinService, 'balance'>
  readonly #clock: Clock

  constructor(deps: { store: NotificationStore; coins: Pick<CoinService, 'balance'>; clock: Clock }) {
    this.#store = deps.store
    this.#coins = deps.coins
    this.#clock = deps.clock
  }

  /** The note comes before the memory of it, under the number of the crossing: dying in between repeats its id. */
  async round(userId: UserId): Promise<Round & { readonly noted: boolean }> {
    const thresholdCoins = (await this.#store.wishes(userId))?.value.lowBalanceCoins
    if (thresholdCoins === undefined) return { kind: 'wait', noted: false }
    const stored = await this.#store.balanceWatch(userId)
    const { low, crossings } = stored?.value ?? { low: false, crossings: 0 }
    const { availableCoins } = await this.#coins.balance(userId)
    const isLow = availableCoins < thresholdCoins
    if (isLow === low) return { kind: 'wait', noted: false }
    if (isLow) {
      await this.#store.addNote(userId, {
        noteId: `balance-low_${userId}_${crossings + 1}`,
        at: this.#clock.now(),
        news: { type: 'balance.low', availableCoins, thresholdCoins },
      })
    }
    const next = { low: isLow, crossings: isLow ? crossings + 1 : crossings }
    await this.#store.saveBalanceWatch(userId, stored?.version ?? 0, next)
    return { kind: 'wait', noted: isLow }
  }
}

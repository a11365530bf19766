import { CodedError, type AccountService, type CoinService, type DeletionPreview } from '@quarry/contracts'
import { bucketOf, HOUSE_ACCOUNT, userAccount, type Clock, type ScheduleEntry, type UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { AccountDeletion, DeletionStep, OperatorStore, OrderStore, ScheduleStore } from '@quarry/storage-port'
import { everyPage, type AccountData } from './account-data.ts'

/** An access token that was out when the account was shut is over by then, and what was begun with it as well. */
const LAST_LOOK_AFTER_MS = 6 * 60_000

export interface DeleteAccountDeps {
  readonly operator: OperatorStore
  readonly accounts: AccountService
  readonly coins: CoinService
  readonly orders: OrderStore
  readonly schedule: ScheduleStore
  readonly live: LiveEvents
  readonly clock: Clock
  /** What is erased, in this order. */
  readonly data: readonly AccountData[]
}

/**
 * Deletes accounts in steps, each of which may be repeated: shut, orders cancelled, all of them settled, coins to the
 * house, everything forgotten, and a last look when no token of the account is good any more. Where a deletion stands is
 * kept; after a death at any point whoever looks next carries on (`carryOn`). Steps that wait for somebody else (the
 * schedulers, the miners who still have jobs) are looked at again and again.
 */
export class DeleteAccount {
  readonly #deps: DeleteAccountDeps

  constructor(deps: DeleteAccountDeps) {
    this.#deps = deps
  }

  /** What deleting the account now would end. */
  async preview(userId: UserId): Promise<DeletionPreview> {
    const { availableCoins } = await this.#deps.coins.balance(userId)
    let coins = availableCoins
    let activeOrders = 0
    for await (const { order } of everyPage((page) => this.#deps.orders.ofCustomer(userId, page))) {
      const entry = await this.#deps.schedule.find(order.id)
      if (!entry || !mayBeCancelled(entry)) continue
      activeOrders++
      const [{ paidInCoins, paidOutCoins, refundedCoins } = noCoins] = await this.#deps.coins.orderCoins([order.id])
      coins += paidInCoins - paidOutCoins - refundedCoins
    }
    return { coins, activeOrders }
  }

  /** Begins the deletion of an account whose owner has shown every factor, and shuts it at once. Repeating it is safe. */
  async begin(userId: UserId): Promise<void> {
    const deletion = await this.#deps.operator.beginDeletion(userId, this.#deps.clock.now())
    if (deletion.step === 'requested') await this.#step(deletion)
  }

  /** Takes every deletion as far as it goes now. Returns how many are not done. The first failure is thrown at the end. */
  async carryOn(limit: number): Promise<number> {
    const open = await this.#deps.operator.openDeletions(limit)
    const tried = await Promise.allSettled(open.map((deletion) => this.#asFarAsItGoes(deletion)))
    const failure = tried.find((outcome) => outcome.status === 'rejected')
    if (failure) throw failure.reason
    return open.length
  }

  async #asFarAsItGoes(begun: AccountDeletion): Promise<void> {
    for (let deletion: AccountDeletion | undefined = begun; deletion && deletion.step !== 'done';)
      deletion = await this.#step(deletion)
  }

  /** The deletion after its next step; undefined when that has to wait, or somebody else took it. */
  async #step(deletion: AccountDeletion): Promise<AccountDeletion | undefined> {
    const { userId } = deletion
    switch (deletion.step) {
      case 'requested':
        await this.#deps.accounts.close(userId)
        return this.#advance(deletion, 'closed')
      case 'closed':
        return (await this.#cancelOrders(userId)) ? this.#advance(deletion, 'cancelled') : undefined
      case 'cancelled':
        return (await this.#allSettled(userId)) ? this.#advance(deletion, 'settled') : undefined
      case 'settled':
        return this.#forfeitAndErase(deletion, 'erased')
      case 'erased': {
        const isTime = this.#deps.clock.now() >= deletion.requestedAt + LAST_LOOK_AFTER_MS
        return isTime ? this.#lastLook(deletion) : undefined
      }
      case 'done':
        return undefined
    }
  }

  /** False while an order is still being placed. */
  async #cancelOrders(userId: UserId): Promise<boolean> {
    let all = true
    for await (const { order } of everyPage((page) => this.#deps.orders.ofCustomer(userId, page))) {
      const entry = await this.#deps.schedule.find(order.id)
      if (!entry) all = false
      else if (mayBeCancelled(entry)) {
        await this.#deps.schedule.request(order.id, { kind: 'cancel' })
        this.#deps.live.publish(`bucket:${bucketOf(order.id)}`, { kind: 'bucket-changed' })
      }
    }
    return all
  }

  /** Whether no job is under way and no coin in escrow any more. */
  async #allSettled(userId: UserId): Promise<boolean> {
    for await (const { order } of everyPage((page) => this.#deps.orders.ofCustomer(userId, page))) {
      if (!(await this.#deps.schedule.find(order.id))?.closed) return false
      const [{ paidInCoins, paidOutCoins, refundedCoins } = noCoins] = await this.#deps.coins.orderCoins([order.id])
      if (paidInCoins > paidOutCoins + refundedCoins) return false
    }
    return true
  }

  async #forfeitAndErase(deletion: AccountDeletion, next: DeletionStep): Promise<AccountDeletion | undefined> {
    const emptied = await this.#forfeit(deletion)
    if (!emptied) return undefined
    for (const part of this.#deps.data) await part.erase(deletion.userId)
    return this.#advance(emptied, next)
  }

  /** Orders that a token brought in at the last moment are ended like the others. */
  async #lastLook(deletion: AccountDeletion): Promise<AccountDeletion | undefined> {
    const { userId } = deletion
    if (!(await this.#cancelOrders(userId)) || !(await this.#allSettled(userId))) return undefined
    return this.#forfeitAndErase(deletion, 'done')
  }

  /**
   * Moves what the account has to the house. The amount is written down before it moves, and the transfer's id follows
   * from its place in the list: whoever repeats it after a death moves the same, once.
   */
  async #forfeit(deletion: AccountDeletion): Promise<AccountDeletion | undefined> {
    const { userId } = deletion
    await this.#applyForfeits(deletion)
    const { availableCoins } = await this.#deps.coins.balance(userId)
    if (availableCoins <= 0) return deletion
    const noted = await this.#advance(deletion, deletion.step, [...deletion.forfeits, availableCoins])
    if (noted) await this.#applyForfeits(noted)
    return noted
  }

  async #applyForfeits({ userId, forfeits, requestedAt }: AccountDeletion): Promise<void> {
    if (forfeits.length === 0) return
    await this.#deps.coins.apply(
      forfeits.map((amountCoins, index) => ({
        id: `deletion:${userId}:${index}`,
        kind: 'forfeit' as const,
        debit: userAccount(userId),
        credit: HOUSE_ACCOUNT,
        amountCoins,
        at: requestedAt,
      })),
    )
  }

  async #advance(
    deletion: AccountDeletion,
    step: DeletionStep,
    forfeits: readonly number[] = deletion.forfeits,
  ): Promise<AccountDeletion | undefined> {
    const { userId, version } = deletion
    if (!(await this.#deps.operator.advanceDeletion(userId, version, { step, forfeits }))) return undefined
    return { ...deletion, step, forfeits, version: version + 1 }
  }
}

const noCoins = { paidInCoins: 0, paidOutCoins: 0, refundedCoins: 0 }

function mayBeCancelled({ state }: ScheduleEntry): boolean {
  return state === 'active' || state === 'pausing' || state === 'paused'
}

/** What an owner types to delete an account is its own address, in whatever case. Throws `invalid_input`. */
export function checkConfirmation(typed: string, email: string): void {
  if (typed.trim().toLowerCase() === email) return
  const fields = [{ field: 'confirmation', problem: 'is not the address of this account', allowed: email }]
  throw new CodedError('invalid_input', 'confirmation: type the address of your account.', { fields })
}

import { notificationPartOf, type CancelTimer, type Clock, type NotificationWishes, type UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { LeaderLease, NotificationStore } from '@quarry/storage-port'
import { ChannelLoop, type Round } from './channel-loop.ts'
import { MAIL_CHANNEL, wantsMail } from './send-mails.ts'
import { ShareParts } from './share-parts.ts'
import { tidyNotes } from './take-notes.ts'

export interface NotifyCustomersDeps {
  readonly store: NotificationStore
  readonly leases: LeaderLease
  readonly live: LiveEvents
  readonly clock: Clock
  readonly holder: string
  readonly webhooks: { round(userId: UserId, endpointId: string): Promise<Round> }
  readonly balances: { round(userId: UserId): Promise<Round & { readonly noted: boolean }> }
  /** Absent where no mails are sent. */
  readonly mails?: { round(userId: UserId): Promise<Round> }
  readonly onError: (error: unknown) => void
}

/** The loops of one customer, each by the name of its channel. */
interface Followed {
  readonly loops: Map<string, ChannelLoop>
  /** The channels that take notes, as of the latest wishes. */
  channels: readonly { readonly name: string; readonly since: number }[]
  readonly unsubscribe: () => void
}

const BALANCE_LOOP = ':balance'
/** Customers of a part are begun with one after the other at this distance. */
const BEGIN_MS = 5
/** A round that waits for a slow endpoint is not waited for any longer at the end. */
const STOP_MS = 2_000

/** Tells customers their news for as long as the service runs: those of the parts that this process holds. */
export class NotifyCustomers {
  readonly #deps: NotifyCustomersDeps
  readonly #parts: ShareParts
  readonly #followed = new Map<UserId, Followed>()
  #unsubscribe: () => void = () => undefined
  #stopped = false

  constructor(deps: NotifyCustomersDeps) {
    this.#deps = deps
    this.#parts = new ShareParts({
      ...{ leases: deps.leases, clock: deps.clock, holder: deps.holder, onError: deps.onError },
      onGained: (part) => void this.#begin(part).catch(deps.onError),
      onLost: (part) => this.#leave(part),
    })
  }

  start(): void {
    this.#unsubscribe = this.#deps.live.subscribe('notifications', (event) => {
      if (event.kind === 'wishes-changed' && this.#parts.holds(notificationPartOf(event.userId)))
        void this.#follow(event.userId).catch(this.#deps.onError)
    })
    this.#parts.start()
  }

  /** Lets the rounds under way end, for a moment; what is not noted then is told again by whoever comes next. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#unsubscribe()
    const loops = [...this.#followed.values()].flatMap(({ loops }) => [...loops.values()])
    for (const userId of [...this.#followed.keys()]) this.#drop(userId)
    let cancel: CancelTimer = () => undefined
    const over = new Promise<void>((resolve) => (cancel = this.#deps.clock.after(STOP_MS, resolve)))
    const ended = Promise.all([this.#parts.stop(), ...loops.map((loop) => loop.close())])
    await Promise.race([ended, over])
    cancel()
  }

  async #begin(part: number): Promise<void> {
    const users = await this.#deps.store.usersOfPart(part)
    users.forEach((userId, index) => {
      this.#deps.clock.after(index * BEGIN_MS, () => {
        if (this.#parts.holds(part)) void this.#follow(userId).catch(this.#deps.onError)
      })
    })
  }

  #leave(part: number): void {
    for (const userId of [...this.#followed.keys()]) if (notificationPartOf(userId) === part) this.#drop(userId)
  }

  #drop(userId: UserId): void {
    const followed = this.#followed.get(userId)
    this.#followed.delete(userId)
    followed?.unsubscribe()
    for (const loop of followed?.loops.values() ?? []) void loop.close()
  }

  /** Makes the loops fit the wishes: those that are there go on. */
  async #follow(userId: UserId): Promise<void> {
    const wishes = (await this.#deps.store.wishes(userId))?.value
    if (this.#stopped || !wishes) return this.#drop(userId)
    const followed = this.#followed.get(userId) ?? this.#subscribe(userId)
    followed.channels = this.#channelsOf(wishes)
    const rounds = this.#roundsOf(userId, followed, wishes)
    for (const [name, loop] of followed.loops) {
      if (rounds.has(name)) continue
      followed.loops.delete(name)
      void loop.close()
    }
    for (const [name, round] of rounds) {
      const loop = followed.loops.get(name) ?? new ChannelLoop(this.#deps.clock, round, this.#deps.onError)
      followed.loops.set(name, loop)
      loop.wake()
    }
  }

  #subscribe(userId: UserId): Followed {
    const loops = new Map<string, ChannelLoop>()
    const unsubscribe = this.#deps.live.subscribe(`user:${userId}`, ({ kind }) => {
      if (kind === 'notifications-changed' || kind === 'results-waiting') return
      for (const [name, loop] of loops) if (name !== BALANCE_LOOP || kind === 'balance-changed') loop.wake()
    })
    const followed: Followed = { loops, unsubscribe, channels: [] }
    this.#followed.set(userId, followed)
    return followed
  }

  #channelsOf(wishes: NotificationWishes): Followed['channels'] {
    const endpoints = wishes.endpoints.filter(({ disabled }) => !disabled)
    return [
      ...endpoints.map(({ id, enabledAt }) => ({ name: id, since: enabledAt })),
      ...(this.#deps.mails && wantsMail(wishes) ? [{ name: MAIL_CHANNEL, since: wishes.mail.since }] : []),
    ]
  }

  #roundsOf(userId: UserId, followed: Followed, wishes: NotificationWishes): Map<string, () => Promise<Round>> {
    const { store, clock, webhooks, mails, balances } = this.#deps
    const rounds = new Map<string, () => Promise<Round>>()
    for (const { name } of followed.channels) {
      rounds.set(name, async () => {
        const end = await (name === MAIL_CHANNEL && mails ? mails.round(userId) : webhooks.round(userId, name))
        await tidyNotes(store, clock, { userId, channels: followed.channels })
        return end
      })
    }
    if (wishes.lowBalanceCoins !== undefined) {
      rounds.set(BALANCE_LOOP, async () => {
        const end = await balances.round(userId)
        if (end.noted) this.#wakeAll(userId)
        return end
      })
    }
    return rounds
  }

  #wakeAll(userId: UserId): void {
    for (const loop of this.#followed.get(userId)?.loops.values() ?? []) loop.wake()
  }
}

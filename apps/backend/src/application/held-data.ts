import type { AccountService, CoinService } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { NotificationStore, OrderStore, PeopleStore, ResultStore, ScheduleStore } from '@quarry/storage-port'
import { everyPage, jsonFile, jsonLinesFile, type AccountData } from './account-data.ts'
import type { ReadBody } from './read-body.ts'

/** Runs forgotten in one call. */
const BATCH = 200

/** Orders, and where each stands. */
export function orderData({ orders, schedule }: { orders: OrderStore; schedule: ScheduleStore }): AccountData {
  const ofCustomer = (userId: UserId) => everyPage((page) => orders.ofCustomer(userId, page))
  return {
    async *exported(userId) {
      yield jsonLinesFile('orders.jsonl', async function* () {
        for await (const { order } of ofCustomer(userId)) {
          const entry = await schedule.find(order.id)
          yield { ...order, state: entry?.state ?? 'placing', segments: entry?.segments ?? [] }
        }
      })
    },
    // What stands in the schedule first: without the order nobody would know of it any more.
    async erase(userId) {
      for await (const { order } of ofCustomer(userId)) {
        await schedule.erase(order.id)
        await orders.erase(order.id)
      }
      for (;;) {
        const rejected = await orders.rejectedOf(userId, BATCH)
        if (rejected.length === 0) return
        for (const orderId of rejected) await orders.erase(orderId)
      }
    },
  }
}

/** Runs, with their pages when they are wanted. */
export function runData(stores: { orders: OrderStore; results: ResultStore; readBody: ReadBody }): AccountData {
  const { orders, results, readBody } = stores
  async function* runsOf(userId: UserId) {
    for await (const { order } of everyPage((page) => orders.ofCustomer(userId, page)))
      yield* everyPage((page) => results.runsOf(order.id, page))
  }
  return {
    async *exported(userId, { bodies }) {
      yield jsonLinesFile('runs.jsonl', () => runsOf(userId))
      if (!bodies) return
      for await (const { orderId, rep, outcome } of runsOf(userId)) {
        if (outcome.kind !== 'page') continue
        yield {
          name: `pages/${orderId}-${rep}.bin`,
          async *content() {
            // Retention may have taken it meanwhile.
            const page = await readBody.run(orderId, rep).catch(() => undefined)
            if (page !== undefined) yield page.bytes
          },
        }
      }
    },
    async erase(userId) {
      while ((await results.eraseOf(userId, BATCH)) === BATCH);
    },
  }
}

/** Every movement of coins. Its rows stay: they name nothing but the opaque id of a user who is gone (ADR 17). */
export function coinData(coins: CoinService): AccountData {
  return {
    async *exported(userId) {
      yield jsonFile('balance.json', () => coins.balance(userId))
      yield jsonLinesFile('ledger.jsonl', () => everyPage((page) => coins.journal(userId, page)))
    },
    erase: () => Promise.resolve(),
  }
}

export function notificationData(notifications: NotificationStore): AccountData {
  return {
    async *exported(userId) {
      yield jsonFile('notifications.json', async () =>
        withoutSecrets((await notifications.wishes(userId))?.value ?? {}),
      )
    },
    erase: (userId) => notifications.forget(userId),
  }
}

/** The nickname on the leaderboard, and what was earned by day. */
export function peopleData(people: PeopleStore): AccountData {
  return {
    async *exported(userId) {
      yield jsonFile('leaderboard.json', async () => ({ nickname: await people.nicknameOf(userId) }))
    },
    erase: (userId) => people.forgetUser(userId),
  }
}

/** What the customer does not want to go beyond. */
export function limitData(orders: OrderStore): AccountData {
  return {
    async *exported(userId) {
      yield jsonFile('limits.json', () => orders.spendLimits(userId))
    },
    erase: (userId) => orders.setSpendLimits(userId, {}),
  }
}

/** Who one is. The last to be erased: until then the id leads back to a person. */
export function profileData(accounts: AccountService): AccountData {
  return {
    async *exported(userId) {
      yield jsonFile('account.json', () => accounts.record(userId))
    },
    erase: (userId) => accounts.erase(userId),
  }
}

/** The value without what signs or opens something, however deep it lies. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !/secret|password|token/i.test(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutSecrets(inner)]))
}

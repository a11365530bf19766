import type { AccountService, CoinService } from '@quarry/contracts'
import { escrowOf, HOUSE_ACCOUNT, mintAccount, newEntry, userAccount, bucketOf } from '@quarry/domain'
import { anOrder, openTestEngines, type TestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DeleteAccount } from './delete-account.ts'
import { orderData, profileData, runData } from './held-data.ts'
import { ReadBody } from './read-body.ts'

const ADA = 'ada'
const MINUTES_MS = 60_000
const LINK = { linkId: 'l1', userId: ADA, provider: 'office', subject: 's1', email: 'ada@office.example', linkedAt: 1 }
const GRANT = {
  codeHash: 'g1',
  userCodeHash: 'c1',
  client: 'mining-client',
  deviceName: 'attic',
  scopes: ['mine'],
  askedFrom: '192.0.2.7',
  createdAt: 1,
  expiresAt: 900_000,
  pollIntervalMs: 5000,
}

let engines: TestEngines
beforeEach(setUp)
afterEach(() => engines.close())

async function setUp(): Promise<void> {
  engines = openTestEngines()
  const { users, ledger, orders, schedule, clock } = engines
  await users.createUser({ userId: ADA, email: 'ada@example.com', passwordHash: 'hash', createdAt: 1 })
  await users.linkedSignIns.link(LINK)
  await users.deviceGrants.createGrant(GRANT)
  await users.deviceGrants.decideGrant(GRANT.codeHash, { state: 'approved', userId: ADA, at: 1 })
  const mint = { kind: 'mint', debit: mintAccount(ADA), credit: userAccount(ADA), amountCoins: 100, at: 1 } as const
  const order = anOrder({ id: 'o1', customerId: ADA, repetitions: 10, priceCoins: 2 })
  await ledger.apply([{ id: 'm', ...mint }, escrowOf(order)])
  await orders.create(order)
  await schedule.activate(newEntry(order), clock.now())
  await orders.settlePlacement('o1', 'placed')
  const refused = anOrder({ id: 'o2', customerId: ADA })
  await orders.create(refused)
  await orders.settlePlacement('o2', 'rejected')
}

/** Dies at its `steps`-th call of anything that changes something. */
class Mortal {
  constructor(public steps: number) {}

  wrap<T extends object>(target: T, changing: readonly string[]): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value = Reflect.get(object, name) as unknown
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          if (changing.includes(String(name)) && this.steps-- <= 0) return Promise.reject(new Error('died'))
          return (value as (...given: unknown[]) => unknown).apply(object, given)
        }
      },
    })
  }
}

function saga(mortal = new Mortal(Infinity)) {
  const { users, live, clock } = engines
  const operator = mortal.wrap(engines.operator, ['beginDeletion', 'advanceDeletion', 'setAccountState', 'eraseUser'])
  const orders = mortal.wrap(engines.orders, ['erase'])
  const schedule = mortal.wrap(engines.schedule, ['request', 'erase'])
  const results = mortal.wrap(engines.results, ['eraseOf'])
  const ledger = mortal.wrap(engines.ledger, ['apply'])
  const accounts = {
    close: async (userId) => {
      await operator.setAccountState(userId, 'deleting')
      await users.endSessionsOf(userId)
    },
    erase: (userId) => operator.eraseUser(userId),
  } satisfies Partial<AccountService> as unknown as AccountService
  const coins = {
    apply: (transfers) => ledger.apply(transfers),
    balance: async (userId) => ({
      availableCoins: (await ledger.balance(userAccount(userId))).postedCoins,
      heldCoins: 0,
    }),
    orderCoins: (ids) => Promise.all(ids.map((id) => ledger.orderCoins(id))),
  } satisfies Partial<CoinService> as unknown as CoinService
  const data = [
    runData({ orders, results, readBody: new ReadBody(results) }),
    orderData({ orders, schedule }),
    profileData(accounts),
  ]
  return new DeleteAccount({ operator, accounts, coins, orders, schedule, live, clock, data })
}

/** What a scheduler does with a cancelled order of which nothing was emitted. */
async function schedulerActs(): Promise<void> {
  const { schedule, ledger } = engines
  const entry = await schedule.find('o1')
  if (entry?.state !== 'cancelling') return
  const bucket = bucketOf('o1')
  const { epoch } = await schedule.bucket(bucket)
  const claimed = await schedule.claim(bucket, epoch, 'scheduler')
  if (!claimed.ok) throw new Error('not claimed')
  const hold = { bucket, epoch: claimed.value.epoch }
  await schedule.answer(hold, 'o1', { kind: 'stopped', firstSkipped: 0 })
  const refund = { kind: 'refund', debit: escrowOf(entry.order).credit, credit: userAccount(ADA) } as const
  await ledger.apply([{ id: 'o1:cancel', ...refund, amountCoins: 20, orderId: 'o1', at: 2 }])
  await schedule.answer(hold, 'o1', { kind: 'refunded' })
  await schedule.answer(hold, 'o1', { kind: 'settled' })
}

async function expectGone(): Promise<void> {
  const { users, orders, schedule, ledger, operator } = engines
  expect(await operator.deletion(ADA)).toMatchObject({ step: 'done' })
  expect(await operator.openDeletions(9)).toEqual([])
  expect(await users.userById(ADA)).toBeUndefined()
  expect(await users.userByEmail('ada@example.com')).toBeUndefined()
  expect(await users.linkedSignIns.linkById('l1')).toBeUndefined()
  expect(await users.deviceGrants.grantByCode('g1')).toBeUndefined()
  const token = { userId: ADA, tokenId: 't1', name: 'attic', scopes: ['mine'], createdAt: 2 }
  expect(await users.deviceGrants.redeemGrant('g1', token, 'hash')).toBe(false)
  for (const id of ['o1', 'o2']) expect(await orders.find(id)).toBeUndefined()
  expect(await schedule.find('o1')).toBeUndefined()
  expect((await ledger.balance(userAccount(ADA))).postedCoins).toBe(0)
  expect((await ledger.balance(HOUSE_ACCOUNT)).postedCoins).toBe(100)
  expect(await ledger.audit()).toEqual([])
  expect((await operator.standing(ADA)).state).toBe('deleting')
}

it('waits for the schedulers, then forgets everything and gives the coins to the house', async () => {
  const deletion = saga()
  expect(await deletion.preview(ADA)).toEqual({ coins: 100, activeOrders: 1 })
  await deletion.begin(ADA)
  expect((await engines.operator.standing(ADA)).state).toBe('deleting')
  await deletion.carryOn(9)
  expect(await engines.operator.deletion(ADA)).toMatchObject({ step: 'cancelled' })
  await schedulerActs()
  await deletion.carryOn(9)
  expect(await engines.operator.deletion(ADA)).toMatchObject({ step: 'erased', forfeits: [100] })
  expect(await engines.users.userById(ADA)).toBeUndefined()
  await engines.clock.advance(7 * MINUTES_MS)
  await deletion.carryOn(9)
  await expectGone()
})

it('takes what comes in after the first look as well', async () => {
  const deletion = saga()
  await deletion.begin(ADA)
  await deletion.carryOn(9)
  await schedulerActs()
  await deletion.carryOn(9)
  const late = { kind: 'payment', debit: 'mint:1', credit: userAccount(ADA), amountCoins: 5, at: 3 } as const
  await engines.ledger.apply([{ id: 'late', ...late }])
  await engines.clock.advance(7 * MINUTES_MS)
  await deletion.carryOn(9)
  expect(await engines.operator.deletion(ADA)).toMatchObject({ step: 'done', forfeits: [100, 5] })
  expect((await engines.ledger.balance(HOUSE_ACCOUNT)).postedCoins).toBe(105)
})

it('ends the same after a death at any step', async () => {
  let deaths = 0
  for (let steps = 0; ; steps++) {
    await engines.close()
    await setUp()
    const mortal = new Mortal(steps)
    const victim = saga(mortal)
    let died = false
    const act = async (work: () => Promise<unknown>) => {
      if (!died) await work().catch(() => (died = true))
    }
    await act(() => victim.begin(ADA))
    await act(() => victim.carryOn(9))
    await schedulerActs()
    await act(() => victim.carryOn(9))
    await engines.clock.advance(7 * MINUTES_MS)
    await act(() => victim.carryOn(9))
    const survivor = saga()
    // Whoever died before anything was written asks again.
    await survivor.begin(ADA)
    for (let round = 0; round < 3; round++) {
      await survivor.carryOn(9)
      await schedulerActs()
    }
    await survivor.carryOn(9)
    await engines.clock.advance(7 * MINUTES_MS)
    await survivor.carryOn(9)
    await expectGone()
    if (!died) break
    deaths++
  }
  expect(deaths).toBeGreaterThan(10)
})

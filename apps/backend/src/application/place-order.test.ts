import { placeOrderSchema, type CoinService, type PlaceOrderInput } from '@quarry/contracts'
import { mintAccount, parseAllowList, userAccount } from '@quarry/domain'
import { Blown, Fuse, openTestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { orderIds } from '../order-ids.ts'
import { OrderTerms } from './order-terms.ts'
import { PlaceOrder } from './place-order.ts'

let engines: ReturnType<typeof openTestEngines>

beforeEach(async () => {
  engines = openTestEngines()
  await give(100)
})

afterEach(() => engines.close())

async function give(amountCoins: number): Promise<void> {
  const debit = mintAccount('anna')
  await engines.ledger.apply([
    { id: `mint-${amountCoins}`, kind: 'mint', debit, credit: userAccount('anna'), amountCoins, at: 0 },
  ])
}

function placing(fuse = new Fuse()): PlaceOrder {
  const { orders, ledger, schedule, live, clock } = engines
  const allowed = parseAllowList('')
  if (!allowed.ok) throw new Error('allow list')
  const coins = fuse.guard({ apply: ledger.apply.bind(ledger) }) as unknown as CoinService
  const terms = new OrderTerms({ minIntervalMs: 1000, allowed: allowed.value })
  return new PlaceOrder({
    terms,
    ids: orderIds,
    orders: fuse.guard(orders),
    coins,
    schedule: fuse.guard(schedule),
    live,
    clock,
  })
}

const wish = (more: Partial<PlaceOrderInput> = {}) =>
  placeOrderSchema.parse({
    url: 'https://example.org/',
    schedule: { kind: 'interval', intervalMs: 60_000 },
    repetitions: 4,
    ...more,
  })

const available = async () => (await engines.ledger.balance(userAccount('anna'))).postedCoins
const placed = async () => (await engines.orders.ofCustomer('anna', { limit: 200 })).items

describe('an idempotency key', () => {
  test('twenty of the same at once make one order and one escrow', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => placing().run(wish(), 'anna', 'key')))
    const ids = new Set(all.map((one) => one.ok && one.value.id))
    expect(ids.size).toBe(1)
    expect(await placed()).toHaveLength(1)
    expect(await available()).toBe(96)
  })

  test('the same later, even past its start, is the first order', async () => {
    const soon = wish({ schedule: { kind: 'once', startAt: engines.clock.now() + 1000 }, repetitions: 1 })
    const first = await placing().run(soon, 'anna', 'key')
    await engines.clock.advance(3_600_000)
    expect(await placing().run(soon, 'anna', 'key')).toEqual(first)
    expect(await available()).toBe(99)
  })

  test.each<[string, Partial<PlaceOrderInput>]>([
    ['url', { url: 'https://example.org/other' }],
    ['name', { name: 'other' }],
    ['repetitions', { repetitions: 5 }],
    ['price', { priceCoins: 2 }],
    ['patience', { patienceMs: 5000 }],
    ['catch-up', { catchUp: 'all' }],
    ['value to take', { extract: [{ name: 'title', selector: 'h1' }] }],
    ['interval', { schedule: { kind: 'interval', intervalMs: 61_000 } }],
    ['start', { schedule: { kind: 'interval', intervalMs: 60_000, startAt: Date.UTC(2026, 0, 2) } }],
  ])('another %s is a mismatch and places nothing', async (_, more) => {
    await placing().run(wish(), 'anna', 'key')
    expect(await placing().run(wish(more), 'anna', 'key')).toMatchObject({
      ok: false,
      error: { code: 'idempotency_mismatch' },
    })
    expect(await placed()).toHaveLength(1)
    expect(await available()).toBe(96)
  })

  test('of somebody else is another key', async () => {
    await placing().run(wish(), 'anna', 'key')
    expect(await placing().run(wish(), 'bert', 'key')).toMatchObject({ ok: false, error: { code: 'not_enough_coins' } })
  })

  test('refused for want of coins may be used again when they are there', async () => {
    const costly = wish({ repetitions: 101 })
    expect(await placing().run(costly, 'anna', 'key')).toMatchObject({ ok: false, error: { code: 'not_enough_coins' } })
    expect(await placed()).toEqual([])
    await give(50)
    expect((await placing().run(costly, 'anna', 'key')).ok).toBe(true)
    expect(await available()).toBe(49)
  })
})

test.each([true, false])('a crash at any call (done: %s) is finished later and leaves no coins lying', async (done) => {
  let blew = true
  for (let calls = 0; blew; calls++) {
    const before = await available()
    const known = (await placed()).length
    const fuse = new Fuse()
    fuse.arm(calls, { done, lasting: true })
    await placing(fuse)
      .run(wish(), 'anna')
      .catch((error: unknown) => expect(error).toBeInstanceOf(Blown))
    blew = fuse.blown
    await engines.clock.advance(6_000)
    await placing().finishUnplaced()
    const orders = (await placed()).slice(0, (await placed()).length - known)
    for (const { order, placement } of orders) {
      expect(placement).toBe('placed')
      expect((await engines.schedule.find(order.id))?.state).toBe('active')
    }
    expect(await available(), `call ${calls}`).toBe(before - 4 * orders.length)
    expect(await placing().finishUnplaced()).toBe(0)
  }
  expect(await engines.ledger.audit()).toEqual([])
})

test('one order that cannot be finished keeps no other waiting', async () => {
  for (let n = 0; n < 3; n++) {
    const fuse = new Fuse()
    fuse.arm(1, { done: false, lasting: true })
    await placing(fuse)
      .run(wish(), 'anna')
      .catch(() => undefined)
  }
  await engines.clock.advance(6_000)
  const fuse = new Fuse()
  fuse.arm(1, { done: false, lasting: false })
  await expect(placing(fuse).finishUnplaced()).rejects.toThrow(Blown)
  expect((await placed()).filter(({ placement }) => placement === 'placed')).toHaveLength(2)
})

import { orderListQuerySchema, type OrderListQuery } from '@quarry/contracts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bulk, openOrdersStage, wish } from './orders-stage.ts'

let stage: ReturnType<typeof openOrdersStage>
beforeEach(async () => {
  stage = openOrdersStage()
  await stage.give('anna', 100_000)
})
afterEach(() => stage.stop())

const query = (more: Partial<OrderListQuery> = {}) => orderListQuerySchema.parse({ limit: 200, ...more })
const namesOf = async (more: Partial<OrderListQuery> = {}) =>
  (await stage.list.page('anna', query(more))).items.map(({ name }) => name)

async function place(name: string, more: Parameters<typeof wish>[0] = {}): Promise<string> {
  await stage.clock.advance(1000)
  const order = await stage.placing().run(wish({ name, ...more }), 'anna')
  if (!order.ok) throw order.error
  return order.value.id
}

test('finds by words in name, address and tags, by state and by tag', async () => {
  await place('Änderung der Preise', { tags: ['shop'], url: 'https://a.example/Preise' })
  const paused = await place('News', { tags: ['shop', 'daily'] })
  await place('<img src=x onerror=alert(1)>', { url: 'https://b.example/' })
  await stage.schedule.request(paused, { kind: 'pause' })
  expect(await namesOf({ q: 'PREISE änderung' })).toEqual(['Änderung der Preise'])
  expect(await namesOf({ q: 'b.example' })).toEqual(['<img src=x onerror=alert(1)>'])
  expect(await namesOf({ q: 'daily' })).toEqual(['News'])
  expect(await namesOf({ tag: 'shop' })).toEqual(['News', 'Änderung der Preise'])
  expect(await namesOf({ state: 'pausing' })).toEqual(['News'])
  expect(await namesOf({ state: 'active', tag: 'daily' })).toEqual([])
  expect(await stage.list.summary('anna')).toEqual({
    total: 3,
    states: { active: 2, pausing: 1 },
    tags: [
      { tag: 'shop', orders: 2 },
      { tag: 'daily', orders: 1 },
    ],
    more: false,
  })
  expect((await stage.list.page('bert', query({ q: 'a' }))).items).toEqual([])
})

test('sorts by name, next run and time of placing', async () => {
  const from = (aheadMs: number) =>
    ({ kind: 'interval', intervalMs: 60_000, startAt: stage.clock.now() + aheadMs }) as const
  await place('page 10', { schedule: from(9e6) })
  await place('Page 9', { schedule: from(8e6) })
  await place('éclair', { schedule: from(1e7) })
  expect(await namesOf({ sort: 'name' })).toEqual(['éclair', 'Page 9', 'page 10'])
  expect(await namesOf({ sort: 'next' })).toEqual(['Page 9', 'page 10', 'éclair'])
  expect(await namesOf()).toEqual(['éclair', 'Page 9', 'page 10'])
})

test.each(['newest', 'next', 'name', 'last'] as const)('pages by %s, no gap or repeat as orders come', async (sort) => {
  for (let n = 0; n < 9; n++) await place(`n ${n % 4}`, { tags: ['t'] })
  const pageOf = (more: Partial<OrderListQuery>) => stage.list.page('anna', query({ sort, tag: 't', ...more }))
  const whole = await pageOf({})
  const seen: string[] = []
  for (let after: string | undefined, more = true; more;) {
    const page = await pageOf({ limit: 2, ...(after !== undefined && { after }) })
    seen.push(...page.items.map(({ id }) => id))
    after = page.next
    more = after !== undefined
    await place('a new one', { tags: ['u'] })
  }
  expect(seen).toEqual(whole.items.map(({ id }) => id))
  expect((await pageOf({ after: 'nonsense' })).items).toHaveLength(9)
})

test('shows what changed since it was read', async () => {
  const id = await place('before', { tags: ['old'] })
  expect(await namesOf({ q: 'before' })).toEqual(['before'])
  await stage.show.relabel(id, 'anna', { tags: ['new'] })
  stage.list.changed('anna', id)
  expect(await namesOf({ tag: 'new' })).toEqual(['before'])
  expect(await namesOf({ tag: 'old' })).toEqual([])
  await stage.clock.advance(1000)
  await stage.importing().run(bulk({ csv: 'https://example.org/,later,new' }), 'anna', 'key')
  await vi.waitFor(async () => expect(await namesOf({ tag: 'new' })).toEqual(['later', 'before']))
})

test('a changed name leaves the idempotency key with its order', async () => {
  const first = await stage.placing().run(wish({ name: 'a' }), 'anna', 'key')
  if (!first.ok) throw first.error
  expect(await stage.show.relabel(first.value.id, 'anna', { name: 'b' })).toMatchObject({ name: 'b' })
  expect(await stage.placing().run(wish({ name: 'a' }), 'anna', 'key')).toEqual(first)
  await expect(stage.show.relabel(first.value.id, 'bert', { name: 'c' })).rejects.toMatchObject({
    code: 'order_not_found',
  })
})

test('keeps to the limits of a customer, also when orders are placed at once', async () => {
  await stage.orders.setSpendLimits('anna', { orderCoins: 5, monthCoins: 10 })
  const placed = () => stage.placing().run(wish(), 'anna')
  expect(await stage.placing().run(wish({ repetitions: 6 }), 'anna')).toMatchObject({ error: { code: 'order_cap' } })
  expect(await stage.placing().run(wish({ maxCostCoins: 3 }), 'anna')).toMatchObject({
    error: { code: 'cost_above_limit' },
  })
  const many = await Promise.all(Array.from({ length: 8 }, placed))
  expect(many.filter(({ ok }) => ok).length).toBeLessThanOrEqual(2)
  for (let more = true; more;) more = (await placed()).ok
  expect(await stage.available('anna')).toBe(100_000 - 8)
  expect(await placed()).toMatchObject({ error: { code: 'month_cap' } })
  await stage.clock.advance(31 * 86_400_000)
  expect((await placed()).ok).toBe(true)
})

import { Blown, Fuse } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bulk, openOrdersStage } from './orders-stage.ts'

let stage: ReturnType<typeof openOrdersStage>
beforeEach(async () => {
  stage = openOrdersStage()
  await stage.give('anna', 1000)
})
afterEach(() => stage.stop())

const lines = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ url: `https://example.org/${n}`, name: `page ${n}` }))
const placed = async () => (await stage.orders.ofCustomer('anna', { limit: 200 })).items
const csv = `https://example.org/a,A,x;y\nftp://example.org/\nhttps://10.0.0.1/\nhttps://example.org/b,,${'z'.repeat(31)}`

test('judges every line, tells where it is, and places nothing while one is wrong', async () => {
  const checked = await stage.importing().check(bulk({ csv }), 'anna')
  expect(checked).toMatchObject({ valid: 1, invalid: 3, placed: 0, costCoins: 2, balanceCoins: 1000 })
  expect(checked.lines.map(({ line, error }) => [line, error?.code, error?.field])).toEqual([
    [1, undefined, undefined],
    [2, 'invalid_input', 'url'],
    [3, 'address_forbidden', 'url'],
    [4, 'invalid_input', 'tags'],
  ])
  await expect(stage.importing().run(bulk({ csv }), 'anna', 'key')).rejects.toMatchObject({
    code: 'invalid_input',
    fields: [{ field: 'lines.2' }, { field: 'lines.3' }, { field: 'lines.4' }],
  })
  expect(await placed()).toEqual([])
})

test('places the valid lines on request, with name and tags', async () => {
  const done = await stage.importing().run(bulk({ csv, placeValid: true }), 'anna', 'key')
  expect(done).toMatchObject({ valid: 1, invalid: 3, placed: 1, balanceCoins: 998 })
  const [only] = await placed()
  const order = { id: done.lines[0]!.orderId, name: 'A', tags: ['x', 'y'] }
  expect(only).toMatchObject({ placement: 'placed', order })
})

test('places each line once, however often and however many at once it is sent', async () => {
  const body = bulk({ lines: lines(120) })
  const all = await Promise.all([1, 2, 3].map(() => stage.importing().run(body, 'anna', 'key')))
  const again = await stage.importing().run(body, 'anna', 'key')
  for (const { lines: done } of [...all, again]) {
    expect(done.map(({ orderId }) => orderId)).toEqual(again.lines.map(({ orderId }) => orderId))
  }
  expect(again.placed).toBe(120)
  expect(await placed()).toHaveLength(120)
  expect(await stage.available('anna')).toBe(760)
})

test('asks for all coins first', async () => {
  const { importing, orders } = stage
  await expect(importing().run(bulk({ lines: lines(501) }), 'anna', 'key')).rejects.toMatchObject({
    code: 'not_enough_coins',
  })
  await expect(importing().run(bulk({ lines: lines(2), maxCostCoins: 3 }), 'anna', 'key')).rejects.toMatchObject({
    code: 'cost_above_limit',
  })
  await orders.setSpendLimits('anna', { monthCoins: 7 })
  await expect(importing().run(bulk({ lines: lines(4) }), 'anna', 'key')).rejects.toMatchObject({ code: 'month_cap' })
  expect(await placed()).toEqual([])
})

test('tells how far it is', async () => {
  const seen: unknown[] = []
  stage.live.subscribe('user:anna', (event) => event.kind === 'import-progress' && seen.push(event))
  await stage.importing().run(bulk({ lines: lines(150) }), 'anna', 'key')
  expect(seen).toEqual([100, 150].map((done) => ({ kind: 'import-progress', importId: 'key', done, total: 150 })))
})

test('a crash at any call leaves nothing half done once it was repeated', async () => {
  const body = bulk({ lines: lines(3) })
  for (let calls = 0, blew = true; blew; calls++) {
    const before = await stage.available('anna')
    const fuse = new Fuse()
    fuse.arm(calls, { done: calls % 2 === 0, lasting: true })
    await stage
      .importing(fuse)
      .run(body, 'anna', `key${calls}`)
      .catch((error: unknown) => expect(error).toBeInstanceOf(Blown))
    blew = fuse.blown
    expect((await stage.importing().run(body, 'anna', `key${calls}`)).placed).toBe(3)
    expect(await stage.available('anna'), `call ${calls}`).toBe(before - 6)
  }
  expect(await stage.ledger.audit()).toEqual([])
})

import { UnknownOutcome, type OrderStore, type PlacedOrder } from '@quarry/storage-port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { numbers, orderOf, T0 } from './sample-data.ts'
import { surviveEveryCrash, type OpenBench, type StoreBench, type StoreCapabilities } from './store-bench.ts'

/** What every `OrderStore` promises, checked through several clients of the same data. */
export function orderStoreSuite(name: string, open: OpenBench<OrderStore>, capabilities: StoreCapabilities): void {
  describe(`OrderStore on ${name}`, () => {
    let bench: StoreBench<OrderStore>
    let store: OrderStore
    beforeEach(async () => {
      bench = await open()
      store = await bench.connect()
    })
    afterEach(() => bench.close())

    const createMany = (count: number, from = 0) =>
      Promise.all(
        numbers(count).map((index) => store.create(orderOf(`o${from + index}`, { createdAt: T0 + from + index }))),
      )

    async function idsOf(customerId: string, limit: number, from?: string): Promise<string[]> {
      const page = await store.ofCustomer(customerId, { limit, ...(from === undefined ? {} : { after: from }) })
      expect(page.items.length).toBeLessThanOrEqual(limit)
      const ids = page.items.map((item) => item.order.id)
      return page.next === undefined ? ids : [...ids, ...(await idsOf(customerId, limit, page.next))]
    }

    it('gives an order back as it was placed, to every client', async () => {
      const orders = [
        orderOf('a', { name: 'Ümläut “x”\n🐌', url: 'http://x.example/?q=%27' }),
        orderOf('b', { schedule: { kind: 'cron', startAt: T0, expression: '0 8 * * 1', timeZone: 'Europe/Berlin' } }),
        orderOf('c', { schedule: { kind: 'once', startAt: T0 }, repetitions: 1, catchUp: 'none' }),
      ]
      for (const order of orders) expect(await store.create(order)).toEqual({ order, placement: 'placing' })
      const other = await bench.connect()
      for (const order of orders) expect(await other.find(order.id)).toEqual({ order, placement: 'placing' })
      expect(await other.find('nothing')).toBeUndefined()
    })

    it('keeps the first order of an id', async () => {
      await store.create(orderOf('a'))
      await store.settlePlacement('a', 'placed')
      const again = await store.create(orderOf('a', { priceCoins: 99 }))
      expect(again).toEqual({ order: orderOf('a'), placement: 'placed' })
      expect(await store.find('a')).toEqual(again)
      expect(await idsOf('customer', 10)).toEqual(['a'])
    })

    it('keeps one of many orders of one id that come at once', async () => {
      const clients = await Promise.all(numbers(3).map(() => bench.connect()))
      const answers = await Promise.all(
        numbers(9).map((index) => clients[index % 3]!.create(orderOf('a', { name: `try ${index}` }))),
      )
      const stored = await store.find('a')
      for (const answer of answers) expect(answer).toEqual(stored)
    })

    it.each(['placed', 'rejected'] as const)('never changes a placement once it is %s', async (placement) => {
      await store.create(orderOf('a'))
      expect(await store.settlePlacement('a', placement)).toBe(placement)
      expect(await store.settlePlacement('a', placement === 'placed' ? 'rejected' : 'placed')).toBe(placement)
      expect((await store.find('a'))?.placement).toBe(placement)
    })

    it('lets one of two placements win and tells both which', async () => {
      await store.create(orderOf('a'))
      const other = await bench.connect()
      const answers = await Promise.all([store.settlePlacement('a', 'placed'), other.settlePlacement('a', 'rejected')])
      expect(new Set(answers)).toEqual(new Set([(await store.find('a'))!.placement]))
    })

    it.each([1, 2, 5, 200])('lists a customer’s orders newest first, %d a page', async (limit) => {
      await createMany(7)
      await store.create(orderOf('theirs', { customerId: 'another' }))
      await store.settlePlacement('o3', 'placed')
      await store.settlePlacement('o5', 'rejected')
      expect(await idsOf('customer', limit)).toEqual(['o6', 'o4', 'o3', 'o2', 'o1', 'o0'])
      expect(await idsOf('another', limit)).toEqual(['theirs'])
      expect(await store.ofCustomer('nobody', { limit })).toEqual({ items: [] })
    })

    it('pages through orders of one moment without gap or repeat', async () => {
      await Promise.all(numbers(6).map((index) => store.create(orderOf(`same${index}`))))
      const ids = await idsOf('customer', 2)
      expect([...ids].sort()).toEqual(numbers(6).map((index) => `same${index}`))
    })

    it('pages on to older orders while newer ones come', async () => {
      await createMany(5)
      const first = await store.ofCustomer('customer', { limit: 2 })
      await createMany(4, 5)
      const rest = await store.ofCustomer('customer', { limit: 10, after: first.next! })
      expect(rest.items.map((item: PlacedOrder) => item.order.id)).toEqual(['o2', 'o1', 'o0'])
      expect(rest.next).toBeUndefined()
    })

    it('finds what a crash left unplaced, oldest first', async () => {
      await createMany(6)
      await store.settlePlacement('o0', 'placed')
      await store.settlePlacement('o2', 'rejected')
      const ids = async (before: number, limit: number) =>
        (await store.unplaced(before, limit)).map((order) => order.id)
      expect(await ids(T0 + 100, 10)).toEqual(['o1', 'o3', 'o4', 'o5'])
      expect(await ids(T0 + 100, 2)).toEqual(['o1', 'o3'])
      expect(await ids(T0 + 3, 10)).toEqual(['o1'])
      expect(await store.unplaced(T0 + 2, 1)).toEqual([orderOf('o1', { createdAt: T0 + 1 })])
    })

    it('forgets orders for good, and no other; one still placing stays', async () => {
      await createMany(4)
      await store.settlePlacement('o0', 'placed')
      await store.settlePlacement('o1', 'rejected')
      await store.settlePlacement('o2', 'placed')
      expect(await store.rejectedOf('customer', 9)).toEqual(['o1'])
      for (const id of ['o0', 'o1', 'o3', 'o0', 'nothing']) await store.erase(id)
      for (const id of ['o0', 'o1']) expect(await store.find(id)).toBeUndefined()
      expect(await idsOf('customer', 2)).toEqual(['o3', 'o2'])
      expect(await store.rejectedOf('customer', 9)).toEqual([])
      expect((await store.unplaced(T0 + 99, 9)).map(({ id }) => id)).toEqual(['o3'])
    })

    it('keeps the last label of an order beside what was placed, and tells it in every way', async () => {
      await createMany(2)
      await store.settlePlacement('o1', 'placed')
      const label = { name: 'Ümläut “x”\n🐌', tags: ['a', 'b c'] }
      await store.relabel('o1', { name: 'first', tags: [] })
      const other = await bench.connect()
      const relabelled = { order: orderOf('o1', { createdAt: T0 + 1 }), placement: 'placed', label }
      expect(await other.relabel('o1', label)).toEqual(relabelled)
      expect(await store.find('o1')).toEqual(relabelled)
      expect((await store.ofCustomer('customer', { limit: 1 })).items).toEqual([relabelled])
      expect(await store.create(orderOf('o1', { createdAt: T0 + 1 }))).toEqual(relabelled)
      expect((await store.find('o0'))?.label).toBeUndefined()
    })

    it('makes no order of a label', async () => {
      expect(await store.relabel('nothing', { name: 'x', tags: [] })).toBeUndefined()
      expect(await store.find('nothing')).toBeUndefined()
    })

    it('keeps a customer’s last limits', async () => {
      expect(await store.spendLimits('customer')).toEqual({})
      await store.setSpendLimits('customer', { orderCoins: 5, monthCoins: 100 })
      await store.setSpendLimits('another', { monthCoins: 7 })
      const other = await bench.connect()
      expect(await other.spendLimits('customer')).toEqual({ orderCoins: 5, monthCoins: 100 })
      await other.setSpendLimits('customer', {})
      expect(await store.spendLimits('customer')).toEqual({})
      expect(await store.spendLimits('another')).toEqual({ monthCoins: 7 })
    })

    describe.runIf(capabilities.crashes)('when clients die', () => {
      it('has forgotten an order when that is repeated after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          prepare: async (client, tag) => {
            await client.create(orderOf(tag, { customerId: tag }))
            await client.settlePlacement(tag, 'placed')
          },
          act: (client, tag) => client.erase(tag),
          check: async (client, tag) => {
            expect(await client.find(tag)).toBeUndefined()
            expect(await client.ofCustomer(tag, { limit: 5 })).toEqual({ items: [] })
          },
        })
      })

      it('has an order once, found in every way, when its placing is repeated after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          act: async (client, tag) => {
            await client.create(orderOf(tag, { customerId: tag }))
            await client.settlePlacement(tag, 'placed')
          },
          check: async (client, tag) => {
            const placed = { order: orderOf(tag, { customerId: tag }), placement: 'placed' }
            expect(await client.find(tag)).toEqual(placed)
            expect(await client.ofCustomer(tag, { limit: 5 })).toEqual({ items: [placed] })
            expect(await client.unplaced(T0 + 1, 5)).toEqual([])
          },
        })
      })

      it('has the order whose answer was lost', async () => {
        bench.crashes!.loseAnswer(store)
        await expect(store.create(orderOf('a'))).rejects.toThrow(UnknownOutcome)
        expect(await store.create(orderOf('a'))).toEqual({ order: orderOf('a'), placement: 'placing' })
        expect(await idsOf('customer', 5)).toEqual(['a'])
      })
    })
  })
}

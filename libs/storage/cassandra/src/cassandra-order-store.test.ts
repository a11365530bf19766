import { onEngine } from '@quarry/engines-under-test'
import { orderOf, T0 } from '@quarry/storage-conformance'
import type { StoreBench } from '@quarry/storage-conformance'
import { beforeEach, expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraOrderStore } from './cassandra-order-store.ts'

const DAY = 86_400_000

onEngine('cassandra', (address) => {
  const { benchOf, engine } = cassandraKeyspace(address, ['orders', 'operator', 'order-labels'])
  const open = benchOf((each) => new CassandraOrderStore(each))
  let bench: StoreBench<CassandraOrderStore>
  let store: CassandraOrderStore
  beforeEach(async () => {
    bench = await open()
    store = await bench.connect()
  })

  const unplacedRows = () => engine().read('SELECT order_id FROM unplaced_order')

  async function pagesOf(limit: number, after?: string): Promise<string[][]> {
    const page = await store.ofCustomer('customer', { limit, ...(after === undefined ? {} : { after }) })
    const ids = page.items.map(({ order }) => order.id)
    return page.next === undefined ? [ids] : [ids, ...(await pagesOf(limit, page.next))]
  }

  it('pages through the months that a customer ordered in, with gaps between them', async () => {
    const ages = [0, 1, 20, 33, 65, 400, 401, 900]
    await Promise.all(ages.map((age) => store.create(orderOf(`d${age}`, { createdAt: T0 - age * DAY }))))
    await store.settlePlacement('d33', 'rejected')
    const listed = ages.filter((age) => age !== 33).map((age) => `d${age}`)
    for (const limit of [1, 2, 3, 7, 200]) {
      const pages = await pagesOf(limit)
      expect(pages.flat()).toEqual(listed)
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true)
    }
  })

  it('looks past index rows whose order was never stored, or was stored under another time or customer', async () => {
    await store.create(orderOf('real'))
    await engine().write(`INSERT INTO order_month (customer_id, month) VALUES ('customer', ${2026 * 12 + 4})`)
    const rows = [
      ...Array.from({ length: 60 }, (_, index) => [`gone${index}`, T0 + 1 + index] as const),
      ['real', T0 + 500] as const,
    ]
    for (const [orderId, createdAt] of rows) {
      await engine().write(
        'INSERT INTO order_by_customer (customer_id, month, created_at, order_id) VALUES (?, ?, ?, ?)',
        ...['customer', 2026 * 12 + 4, createdAt, orderId],
      )
      await engine().write(
        'INSERT INTO unplaced_order (shard, created_at, order_id) VALUES (?, ?, ?)',
        ...[0, createdAt - 1_000, orderId],
      )
    }
    expect(await pagesOf(5)).toEqual([['real']])
    expect((await store.unplaced(T0 + 1, 1)).map((order) => order.id)).toEqual(['real'])
  })

  it('leaves no row among the unplaced ones for an order that is settled, whoever died before', async () => {
    const { crashes } = bench
    for (let step = 0; step < 4; step++) {
      await store.create(orderOf(`o${step}`))
      const victim = await bench.connect()
      crashes!.dieAt(victim, step)
      await victim.settlePlacement(`o${step}`, 'placed').catch(() => undefined)
      await store.unplaced(T0 + 1, 10)
      const settled = (await store.find(`o${step}`))!.placement === 'placed'
      expect(await unplacedRows()).toHaveLength(settled ? 0 : 1)
      await store.settlePlacement(`o${step}`, 'placed')
      expect(await unplacedRows()).toHaveLength(0)
    }
  })
})

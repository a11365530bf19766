import {
  bulkOrderSchema,
  placeOrderSchema,
  type BulkOrderInput,
  type CoinService,
  type PlaceOrderInput,
} from '@quarry/contracts'
import { mintAccount, parseAllowList, userAccount } from '@quarry/domain'
import { Fuse, openTestEngines } from '@quarry/testkit'
import { ImportOrders } from '../src/application/import-orders.ts'
import { ListOrders } from '../src/application/list-orders.ts'
import { OrderRows } from '../src/application/order-rows.ts'
import { OrderTerms } from '../src/application/order-terms.ts'
import { PlaceOrder } from '../src/application/place-order.ts'
import { ShowOrders } from '../src/application/show-orders.ts'
import { orderIds } from '../src/order-ids.ts'

/** The backend's use cases on one machine's stores, with coins from nowhere. */
export function openOrdersStage() {
  const engines = openTestEngines()
  const { orders, ledger, schedule, results, live, clock } = engines
  const allowed = parseAllowList('')
  if (!allowed.ok) throw new Error('allow list')
  const terms = new OrderTerms({ minIntervalMs: 1000, allowed: allowed.value })
  const balance = async (userId: string) => {
    const { postedCoins } = await ledger.balance(userAccount(userId))
    return { availableCoins: postedCoins, heldCoins: 0 }
  }
  const orderCoins = (ids: readonly string[]) => Promise.all(ids.map((id) => ledger.orderCoins(id)))
  const coins = { apply: ledger.apply.bind(ledger), balance, orderCoins } as unknown as CoinService
  const rows = new OrderRows({ orders, schedule, results, live, clock })
  const show = new ShowOrders({ orders, schedule, results, coins, clock })
  const placing = (fuse = new Fuse()) =>
    new PlaceOrder({
      ...{ terms, ids: orderIds, live, clock },
      orders: fuse.guard(orders),
      coins: fuse.guard(coins),
      schedule: fuse.guard(schedule),
    })
  let mints = 0
  return {
    ...engines,
    show,
    list: new ListOrders({ rows, show }),
    placing,
    importing: (fuse = new Fuse()) =>
      new ImportOrders({
        ...{ terms, live, clock },
        orders: fuse.guard(orders),
        coins: fuse.guard(coins),
        placeOrder: placing(fuse),
      }),
    available: async (userId: string) => (await balance(userId)).availableCoins,
    give: (userId: string, amountCoins: number) =>
      ledger.apply([
        {
          ...{ id: `mint-${mints++}`, kind: 'mint', debit: mintAccount(userId), credit: userAccount(userId) },
          ...{ amountCoins, at: 0 },
        },
      ]),
    stop: async () => {
      rows.close()
      await engines.close()
    },
  }
}

export function wish(more: Partial<PlaceOrderInput> = {}) {
  return placeOrderSchema.parse({
    url: 'https://example.org/',
    schedule: { kind: 'interval', intervalMs: 60_000 },
    repetitions: 4,
    ...more,
  })
}

export function bulk(more: Partial<BulkOrderInput> = {}) {
  return bulkOrderSchema.parse({ schedule: { kind: 'interval', intervalMs: 60_000 }, repetitions: 2, ...more })
}

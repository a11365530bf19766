import { expect, it } from 'vitest'
import { keys, keysChangedBy } from './keys.ts'

it('reads the order, its runs and the list again when a run was stored', () => {
  expect(keysChangedBy({ kind: 'run-stored', orderId: 'o1', rep: 3 })).toEqual([
    keys.orderList,
    keys.orderSummary,
    ['orders', 'one', 'o1'],
    ['runs', 'o1'],
    keys.walletFigures,
  ])
})

it('leaves runs alone when only the order changed, and orders when only coins moved', () => {
  expect(keysChangedBy({ kind: 'order-changed', orderId: 'o1' })).not.toContainEqual(['runs', 'o1'])
  expect(keysChangedBy({ kind: 'balance-changed' })).toEqual([keys.balance, keys.journal, keys.walletFigures])
  expect(keysChangedBy({ kind: 'results-waiting' })).toEqual([])
})

import type { OrderId } from '@quarry/domain'
import type { LedgerViolation } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { addMove, movesOfOrder, NO_COINS, type OrderMove } from './cassandra-ledger-orders.ts'

/** What lies in escrow for the order is what was paid in less what was paid out and refunded, and not below zero. */
export async function checkOrder(
  engine: CassandraEngine,
  orderId: OrderId,
  report: (violation: LedgerViolation) => void,
): Promise<void> {
  let [coins, escrowCoins] = [NO_COINS, 0]
  for await (const move of movesOfOrder(engine, orderId)) {
    coins = addMove(coins, move)
    escrowCoins += escrowChange(move)
  }
  const { paidInCoins, paidOutCoins, refundedCoins } = coins
  if (escrowCoins >= 0 && escrowCoins === paidInCoins - paidOutCoins - refundedCoins) return
  report({
    invariant: 'order-adds-up',
    subject: orderId,
    detail: `${paidInCoins} coins paid in, ${paidOutCoins} paid out, ${refundedCoins} refunded, ${escrowCoins} in escrow`,
  })
}

function escrowChange({ debit, credit, amountCoins }: OrderMove): number {
  return (credit.startsWith('escrow:') ? amountCoins : 0) - (debit.startsWith('escrow:') ? amountCoins : 0)
}

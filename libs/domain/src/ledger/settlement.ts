import type { Instant } from '../clock.ts'
import type { Order } from '../orders/order.ts'
import type { RunResult } from '../results/outcome.ts'
import { escrowAccount, userAccount } from './accounts.ts'
import type { Transfer } from './transfer.ts'

/**
 * The one transfer that settles a repetition: to the miner for a page, back to the customer for a failure. Its id is
 * the jobId whichever way the coins go, so the ledger itself makes "paid or refunded, once" true.
 */
export function settlementOf(run: RunResult): Transfer {
  const payee = run.outcome.kind === 'page' ? run.miner?.userId : undefined
  return {
    id: run.jobId,
    kind: payee === undefined ? 'refund' : 'payment',
    debit: escrowAccount(run.orderId),
    credit: userAccount(payee ?? run.customerId),
    amountCoins: run.priceCoins,
    orderId: run.orderId,
    at: run.finishedAt,
  }
}

/** Puts all coins of an order in escrow before it is activated. */
export function escrowOf(order: Order): Transfer {
  return {
    id: `${order.id}:escrow`,
    kind: 'escrow',
    debit: userAccount(order.customerId),
    credit: escrowAccount(order.id),
    amountCoins: order.repetitions * order.priceCoins,
    orderId: order.id,
    at: order.createdAt,
  }
}

/** Returns the coins of the repetitions that a cancelled order will never emit; undefined when there are none. */
export function cancelRefundOf(order: Order, firstSkipped: number, at: Instant): Transfer | undefined {
  const skipped = order.repetitions - firstSkipped
  if (skipped <= 0) return undefined
  return {
    id: `${order.id}:cancel`,
    kind: 'refund',
    debit: escrowAccount(order.id),
    credit: userAccount(order.customerId),
    amountCoins: skipped * order.priceCoins,
    orderId: order.id,
    at,
  }
}

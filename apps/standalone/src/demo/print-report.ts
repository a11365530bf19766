import type { OrderView } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { REPETITIONS } from './demo-orders.ts'
import type { DemoOutcome } from './check-outcome.ts'

/** The closing table, one row an order. */
export function reportLines({ orders, customer, miner, received, ledgerViolations }: DemoOutcome): string[] {
  const rows = orders.map((order) =>
    row(
      order,
      received.filter(({ orderId }) => orderId === order.id),
    ),
  )
  const header = ['order', 'due', 'delivered', 'refunded', 'late p50', 'late max', 'paid', 'back', 'files']
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
  return [
    line(header),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map(line),
    '',
    `customer   ${customer.before.availableCoins} coins before, ${customer.after.availableCoins} after`,
    `miner      0 coins before, ${miner.availableCoins} after`,
    `ledger     ${ledgerViolations.length === 0 ? 'sound: every account adds up' : `${ledgerViolations.length} violations`}`,
  ]
}

function row(order: OrderView, received: readonly (RunResult & { file?: string })[]): string[] {
  const late = received.map((run) => run.startedAt - run.dueAt).sort((a, b) => a - b)
  const at = (share: number) =>
    late.length === 0 ? '–' : `${late[Math.min(late.length - 1, Math.floor(late.length * share))]} ms`
  return [
    order.name,
    String(REPETITIONS),
    String(order.delivered),
    String(order.failed),
    at(0.5),
    at(1),
    String(order.coins.paidOut),
    String(order.coins.refunded),
    String(received.filter(({ file }) => file !== undefined).length),
  ]
}

/** One line of live progress. */
export function progressLine(orders: readonly OrderView[]): string {
  const settled = orders.reduce((sum, order) => sum + order.delivered + order.failed, 0)
  const all = orders.length * REPETITIONS
  const bar = '█'.repeat(Math.round((settled / all) * 24)).padEnd(24, '░')
  const delivered = orders.reduce((sum, order) => sum + order.delivered, 0)
  return `${bar}  ${settled}/${all} settled, ${delivered} delivered, ${settled - delivered} refunded`
}

import type { BalanceView, OrderView } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoOrders, REPETITIONS } from './demo-orders.ts'

/** A line of the result-client's manifest, as far as the demo looks at it. */
type ReceivedLine = RunResult & { readonly file?: string }

export interface DemoOutcome {
  readonly orders: readonly OrderView[]
  readonly customer: { readonly before: BalanceView; readonly after: BalanceView }
  readonly miner: BalanceView
  readonly received: readonly ReceivedLine[]
  readonly ledgerViolations: readonly unknown[]
}

/** The results that the result-client has safely on disk. */
export function readManifest(folder: string): ReceivedLine[] {
  const file = join(folder, 'manifest.jsonl')
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ReceivedLine)
}

/** Everything that does not agree, in words: orders with what was expected, files with results, coins with both. */
export function findDisagreements(outcome: DemoOutcome, folder: string): string[] {
  const { orders, customer, miner, received, ledgerViolations } = outcome
  const delivered = orders.reduce((sum, order) => sum + order.delivered, 0)
  const problems = ledgerViolations.map((violation) => `ledger: ${JSON.stringify(violation)}`)
  for (const order of orders) {
    const expected = demoOrders.find(({ name }) => name === order.name)?.expected
    const got = expected === 'delivered' ? order.delivered : order.failed
    if (got !== REPETITIONS) problems.push(`${order.name}: ${got} of ${REPETITIONS} ${expected ?? ''}`)
    if (order.coins.inEscrow !== 0) problems.push(`${order.name}: ${order.coins.inEscrow} coins still in escrow`)
  }
  const spent = customer.before.availableCoins - customer.after.availableCoins
  if (spent !== delivered) problems.push(`the customer paid ${spent} coins for ${delivered} pages`)
  if (miner.availableCoins !== delivered)
    problems.push(`the miner has ${miner.availableCoins} coins for ${delivered} pages`)
  const jobs = new Set(received.map(({ jobId }) => jobId))
  if (jobs.size !== received.length) problems.push(`${received.length - jobs.size} results were received twice`)
  if (jobs.size !== orders.length * REPETITIONS)
    problems.push(`${jobs.size} of ${orders.length * REPETITIONS} results were received`)
  return [...problems, ...received.flatMap((line) => damagedFile(line, folder))]
}

function damagedFile({ jobId, outcome, file }: ReceivedLine, folder: string): string[] {
  if (outcome.kind !== 'page') return file === undefined ? [] : [`${jobId}: a failure has a file`]
  if (file === undefined) return [`${jobId}: no file`]
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex')
  return sha256 === outcome.content.sha256 ? [] : [`${jobId}: ${file} is not what was fetched`]
}

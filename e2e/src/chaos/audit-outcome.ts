import type { JournalLine, OrderView, PageView } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import type { ApiClient } from '@quarry/testkit'
import type { Marketplace } from '../marketplace.ts'
import { folderProblems, readManifest } from '../received-folder.ts'
import { persistently } from './load.ts'

/** A customer, what it ordered, and the name of its result-client's folder. */
export interface Ordered {
  readonly customer: ApiClient
  readonly orders: readonly OrderView[]
  readonly folder: string
}

/**
 * Everything that chaos must not have changed, each breach in words: every repetition ended once; each page paid, once,
 * to the miner that its run names; each failure refunded; files and rows the same; the ledger sound.
 */
export async function auditOutcome(
  market: Marketplace,
  ordered: readonly Ordered[],
  owners: readonly ApiClient[],
): Promise<{ problems: readonly string[]; runs: readonly RunResult[] }> {
  const problems: string[] = []
  const runs: RunResult[] = []
  for (const each of ordered) {
    const found = await Promise.all(each.orders.map((order) => auditOrder(each.customer, order)))
    problems.push(...found.flatMap((one) => one.problems))
    const own = found.flatMap((one) => one.runs)
    problems.push(...filesAgainstRuns(market.out(each.folder), own))
    runs.push(...own)
  }
  problems.push(...(await paymentsAgainstRuns(owners, runs)))
  const { code, words } = await market.audit()
  if (code !== 0) problems.push(`ledger: ${words}`)
  return { problems, runs }
}

async function auditOrder(
  customer: ApiClient,
  order: OrderView,
): Promise<{ problems: readonly string[]; runs: readonly RunResult[] }> {
  const runs = await everyPage<RunResult>(customer, `/api/v1/orders/${order.id}/runs`)
  const view = await persistently('the order is shown', () => customer.order(order.id))
  const problems: string[] = []
  const reps = new Set(runs.map(({ rep }) => rep))
  const missing = Array.from({ length: order.repetitions }, (_, rep) => rep).filter((rep) => !reps.has(rep))
  if (missing.length > 0) problems.push(`${order.url}: no run of repetitions ${missing.slice(0, 10).join(', ')}`)
  if (reps.size !== runs.length) problems.push(`${order.url}: ${runs.length} runs of ${reps.size} repetitions`)
  const pages = runs.filter(({ outcome }) => outcome.kind === 'page').length
  const coins = { paidIn: order.repetitions, paidOut: pages, refunded: order.repetitions - pages, inEscrow: 0 }
  if (JSON.stringify(view.coins) !== JSON.stringify(coins))
    problems.push(`${order.url}: coins are ${JSON.stringify(view.coins)}, but the runs say ${JSON.stringify(coins)}`)
  return { problems, runs }
}

function filesAgainstRuns(folder: string, runs: readonly RunResult[]): readonly string[] {
  const lines = new Map(readManifest(folder).map((line) => [line.jobId, whatCame(line)]))
  const problems = [...folderProblems(folder)]
  for (const run of runs)
    if (lines.get(run.jobId) !== whatCame(run))
      problems.push(`${run.jobId}: the run says ${whatCame(run)}, the folder ${lines.get(run.jobId) ?? 'nothing'}`)
  if (lines.size !== runs.length) problems.push(`${folder}: ${lines.size} results of ${runs.length} runs`)
  return problems
}

/** Each owner's journal must hold exactly one payment for each page that names it, of the right amount, and nothing else. */
async function paymentsAgainstRuns(
  owners: readonly ApiClient[],
  runs: readonly RunResult[],
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const owner of owners) {
    const userId = owner.session.user.userId
    const due = new Map(
      runs
        .filter(({ outcome, miner }) => outcome.kind === 'page' && miner?.userId === userId)
        .map(({ jobId, priceCoins }) => [jobId as string, priceCoins]),
    )
    const journal = await everyPage<JournalLine>(owner, '/api/v1/coins/journal')
    for (const { transferId, amountCoins } of journal) {
      if (due.get(transferId) !== amountCoins)
        problems.push(`${owner.email}: ${amountCoins} for ${transferId} is not due`)
      due.delete(transferId)
    }
    for (const jobId of due.keys()) problems.push(`${owner.email}: ${jobId} was not paid`)
  }
  return problems
}

async function everyPage<T>(who: ApiClient, path: string): Promise<readonly T[]> {
  const items: T[] = []
  let after: string | undefined
  do {
    const query = `?limit=200${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`
    const page = await persistently(`${path} is shown`, () => who.call<PageView<T>>(path + query))
    items.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return items
}

function whatCame({ outcome }: RunResult): string {
  return outcome.kind === 'page' ? outcome.content.sha256 : outcome.reason
}

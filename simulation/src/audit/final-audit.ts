import {
  cancelRefundOf,
  jobIdOf,
  sameTransfer,
  settlementOf,
  userAccount,
  type Transfer,
  type UserId,
} from '@quarry/domain'
import type { LedgerStore, ResultStore } from '@quarry/storage-port'
import type { Disk } from '../actors/receiver.ts'
import type { Stores } from '../engines/sim-engines.ts'
import type { TrackedOrder } from './tracked-order.ts'
import type { Violation } from './violation.ts'
import type { Witness } from './witness.ts'

const PAGE = 200

export interface Audited {
  readonly stores: Stores
  readonly witness: Witness
  readonly disks: readonly Disk[]
  readonly userIds: readonly UserId[]
  readonly deadLetters: readonly string[]
}

/** When everything has come to its end: reads what the stores hold, and holds it against every promise. */
export async function finalAudit({
  stores,
  witness,
  disks,
  userIds,
  deadLetters,
}: Audited): Promise<readonly Violation[]> {
  const posted = await postedTransfers(stores.ledger, userIds)
  const orders = [...witness.orders.values()]
  const found: Violation[] = deadLetters.map((detail) => ({
    promise: 'no message is given up',
    subject: 'bus',
    detail,
  }))
  for (const { invariant, subject, detail } of await stores.ledger.audit(0))
    found.push({ promise: `ledger: ${invariant}`, subject, detail })
  for (const order of orders) found.push(...(await auditOrder(order, stores, posted)))
  const settled = new Set(
    orders.flatMap(({ order }) => [`${order.id}:escrow`, `${order.id}:cancel`, ...repsOf(order.id, order.repetitions)]),
  )
  for (const { id, kind, amountCoins } of posted.values())
    if (kind !== 'mint' && !settled.has(id))
      found.push({ promise: 'coins move for a known reason', subject: id, detail: `${amountCoins} coins` })
  for (const disk of disks) found.push(...(await auditInbox(disk, stores.results)))
  return found
}

async function auditOrder(
  tracked: TrackedOrder,
  stores: Stores,
  posted: ReadonlyMap<string, Transfer>,
): Promise<Violation[]> {
  const { order } = tracked
  const found: Violation[] = []
  const broken = (promise: string, subject: string, detail: string) => found.push({ promise, subject, detail })
  const entry = await stores.schedule.find(order.id)
  const cancelled = entry?.state === 'cancelled'
  if (!entry?.closed || !(cancelled || entry.state === 'finished'))
    broken('every order comes to its end', order.id, `it is ${entry?.state}${entry?.closed ? ', closed' : ''}`)
  const end = cancelled ? (entry.firstSkipped ?? order.repetitions) : order.repetitions
  const runs = new Map((await allRuns(stores.results, order.id)).map((run) => [run.rep, run]))
  for (let rep = 0; rep < order.repetitions; rep++) {
    const jobId = jobIdOf(order.id, rep)
    const run = runs.get(rep)
    const transfer = posted.get(jobId)
    if (rep >= end) {
      if (run) broken('delivered or refunded, not both', jobId, 'it ran, and the cancel refunded it')
      if (transfer) broken('delivered or refunded, not both', jobId, 'it was settled, and the cancel refunded it')
    } else if (!run) broken('every due repetition is delivered or refunded', jobId, 'it has no run')
    else if (!transfer) broken('every run is settled', jobId, 'no coins moved')
    else if (!sameTransfer(transfer, settlementOf(run)))
      broken('coins follow the stored run', jobId, `they went to ${transfer.credit}`)
  }
  const refund = cancelled ? cancelRefundOf(order, end, 0) : undefined
  const refunded = posted.get(`${order.id}:cancel`)
  if (refund ? !refunded || !sameTransfer(refund, refunded) : refunded)
    broken(
      'a cancel refunds what was never emitted, once',
      order.id,
      `expected ${refund?.amountCoins ?? 0}, got ${refunded?.amountCoins ?? 0}`,
    )
  const { paidInCoins, paidOutCoins, refundedCoins } = await stores.ledger.orderCoins(order.id)
  if (paidInCoins !== order.repetitions * order.priceCoins || paidInCoins !== paidOutCoins + refundedCoins)
    broken(
      'the escrow of a closed order is empty',
      order.id,
      `${paidInCoins} in, ${paidOutCoins} paid, ${refundedCoins} refunded`,
    )
  return found
}

async function auditInbox(disk: Disk, results: ResultStore): Promise<Violation[]> {
  const found: Violation[] = []
  const entries = await results.inbox(disk.customerId, { limit: 1_000_000 })
  const seen = new Set<string>()
  for (const { run } of entries) {
    const subject = run.jobId
    if (seen.has(subject)) found.push({ promise: 'each result is in the inbox once', subject, detail: disk.customerId })
    seen.add(subject)
    if (disk.received.get(run.jobId) !== 1)
      found.push({
        promise: 'each result reaches its customer once',
        subject,
        detail: `${disk.received.get(run.jobId) ?? 0} times`,
      })
    if (run.outcome.kind === 'page' && !(await results.body(disk.customerId, run.outcome.content.sha256)))
      found.push({ promise: 'each page has its body', subject, detail: run.outcome.content.sha256 })
  }
  for (const jobId of disk.received.keys())
    if (!seen.has(jobId))
      found.push({ promise: 'nothing is delivered that is not stored', subject: jobId, detail: disk.customerId })
  if (disk.disorder !== undefined)
    found.push({ promise: 'an inbox is read in order', subject: disk.disorder, detail: 'it came after later ones' })
  return found
}

async function allRuns(results: ResultStore, orderId: string) {
  const all = []
  for (let after: string | undefined; ;) {
    const { items, next } = await results.runsOf(orderId, { limit: PAGE, ...(after !== undefined && { after }) })
    all.push(...items)
    if (next === undefined) return all
    after = next
  }
}

/** Every transfer that moved coins to or from a user; there is none between other accounts. */
async function postedTransfers(ledger: LedgerStore, userIds: readonly UserId[]): Promise<Map<string, Transfer>> {
  const posted = new Map<string, Transfer>()
  for (const userId of userIds) {
    for (let after: string | undefined; ;) {
      const page = await ledger.journal(userAccount(userId), { limit: PAGE, ...(after !== undefined && { after }) })
      for (const { transfer } of page.items) posted.set(transfer.id, transfer)
      if (page.next === undefined) break
      after = page.next
    }
  }
  return posted
}

function repsOf(orderId: string, repetitions: number): string[] {
  return Array.from({ length: repetitions }, (_, rep) => jobIdOf(orderId, rep))
}

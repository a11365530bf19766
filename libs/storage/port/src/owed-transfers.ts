import { cancelRefundOf, settlementOf, sleep, type Clock, type Instant, type Transfer } from '@quarry/domain'
import type { LedgerStore, LedgerViolation } from './ledger-store.ts'
import type { AccountDirectory } from './operator-store.ts'
import type { OrderStore, Page } from './order-store.ts'
import type { ResultStore, StoredRun } from './result-store.ts'
import type { ScheduleStore } from './schedule-store.ts'

const RUNS_AT_ONCE = 500
const PAGE = 200
/** Violations that an audit names; the others are counted. */
const MOST_NAMED = 100

/** Where it stands written what is to be paid, and what was. */
export interface OwingStores {
  readonly results: Pick<ResultStore, 'stored'>
  readonly orders: Pick<OrderStore, 'ofCustomer'>
  readonly schedule: Pick<ScheduleStore, 'findMany'>
  readonly operator: Pick<AccountDirectory, 'accounts'>
  readonly ledger: Pick<LedgerStore, 'standings'>
}

/** A transfer that follows from what is stored and that the ledger has not made. */
export interface OwedTransfer {
  readonly transfer: Transfer
  /** `refused`: it never will. */
  readonly standing: 'unknown' | 'refused'
  /** The run that it settles; none for the refund of a cancelled order. */
  readonly settles?: StoredRun
}

/** What was looked at in one go, and what of it is owed. */
export interface OwedPage {
  readonly what: 'runs' | 'orders'
  readonly looked: number
  readonly owed: readonly OwedTransfer[]
}

/**
 * Everything that the bus was given to settle and that the ledger does not have: of the runs that are kept, stored from
 * `since` to before `before`, then of cancelled orders whose scheduler has said that the refund is on its way. Most of it
 * is usually on its way still. Page by page: memory does not grow with what there is.
 */
export async function* owedTransfers(
  stores: OwingStores,
  { since, before = Infinity, clock }: { since?: Instant; before?: Instant; clock: Clock },
): AsyncGenerator<OwedPage> {
  const runs = everyPage((after) =>
    stores.results.stored({ limit: RUNS_AT_ONCE, ...after, ...(since !== undefined && { since }) }),
  )
  for await (const page of runs) {
    const old = page.filter(({ storedAt }) => storedAt < before)
    const due = old.map((settles) => ({ transfer: settlementOf(settles.run), settles }))
    yield { what: 'runs', looked: page.length, owed: await owedOf(stores, due) }
  }
  for await (const accounts of everyPage((after) => stores.operator.accounts({ prefix: '', limit: PAGE, ...after }))) {
    for (const { userId } of accounts) {
      for await (const orders of everyPage((after) => stores.orders.ofCustomer(userId, { limit: PAGE, ...after }))) {
        const entries = await stores.schedule.findMany(orders.map(({ order }) => order.id))
        const due = entries.flatMap((entry) => {
          if (entry?.state !== 'cancelled' || entry.firstSkipped === undefined) return []
          const transfer = cancelRefundOf(entry.order, entry.firstSkipped, clock.now())
          return transfer === undefined ? [] : { transfer }
        })
        yield { what: 'orders', looked: orders.length, owed: await owedOf(stores, due) }
      }
    }
  }
}

/**
 * What is owed for longer than settling takes, as violations of the ledger: the first of them named, all counted. Beside a
 * working marketplace; it waits for as long as `graceMs` where it cannot tell since when a refund is on its way.
 */
export async function auditOwed(
  stores: OwingStores,
  { clock, graceMs }: { clock: Clock; graceMs: number },
): Promise<{ readonly named: readonly LedgerViolation[]; readonly count: number }> {
  const named: LedgerViolation[] = []
  let count = 0
  for await (const { what, owed } of owedTransfers(stores, { before: clock.now() - graceMs, clock })) {
    const late = what === 'runs' || owed.length === 0 ? owed : await stillOwed(stores, owed, { clock, graceMs })
    count += late.length
    named.push(...late.slice(0, MOST_NAMED - named.length).map(violationOf))
  }
  return { named, count }
}

async function stillOwed(
  stores: OwingStores,
  owed: readonly OwedTransfer[],
  { clock, graceMs }: { clock: Clock; graceMs: number },
): Promise<readonly OwedTransfer[]> {
  await sleep(clock, graceMs)
  return owedOf(stores, owed)
}

function violationOf({ transfer, standing, settles }: OwedTransfer): LedgerViolation {
  const { id, amountCoins, credit } = transfer
  const why =
    settles === undefined ? 'its order was cancelled' : `its run was stored ${new Date(settles.storedAt).toISOString()}`
  const how = standing === 'refused' ? 'and the ledger refused it' : 'and the ledger does not have it'
  return { invariant: 'stored-is-settled', subject: id, detail: `${amountCoins} to ${credit}: ${why}, ${how}` }
}

async function owedOf(
  { ledger }: Pick<OwingStores, 'ledger'>,
  due: readonly Pick<OwedTransfer, 'transfer' | 'settles'>[],
): Promise<readonly OwedTransfer[]> {
  if (due.length === 0) return []
  const standings = await ledger.standings(due.map(({ transfer }) => transfer.id))
  return due.flatMap(({ transfer, settles }, index) => {
    const standing = standings[index]!
    return standing === 'taken' ? [] : { transfer, standing, ...(settles && { settles }) }
  })
}

async function* everyPage<T>(read: (after: { after?: string }) => Promise<Page<T>>): AsyncGenerator<readonly T[]> {
  let after: string | undefined
  do {
    const { items, next } = await read(after === undefined ? {} : { after })
    yield items
    after = next
  } while (after !== undefined)
}

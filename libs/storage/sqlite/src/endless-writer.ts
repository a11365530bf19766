import { jobIdOf } from '@quarry/domain'
import type { IncomingResult } from '@quarry/storage-port'
import { SqliteEngine } from './sqlite-engine.ts'
import { SqliteLedgerStore } from './sqlite-ledger-store.ts'
import { SqliteResultStore } from './sqlite-result-store.ts'

const AT = 1_780_000_000_000

/** A page with a body of its own; it must not come from the suites, whose test runner takes long to load. */
function pageOf(orderId: string, rep: number): IncomingResult {
  const body = Buffer.from(`${orderId} ${rep} `.repeat(500))
  const content = {
    sha256: `${orderId}${rep}`,
    sizeBytes: body.length,
    encoding: 'identity',
    storedBytes: body.length,
  } as const
  const url = 'http://shop.example/'
  const timings = { firstByteMs: 1, totalMs: 2 }
  const outcome = { kind: 'page', status: 200, finalUrl: url, redirects: [], headers: [], timings, content } as const
  const times = { dueAt: AT, startedAt: AT, finishedAt: AT }
  const job = { jobId: jobIdOf(orderId, rep), orderId, rep, customerId: 'customer', url, priceCoins: 1, attempt: 1 }
  return { run: { ...job, ...times, outcome, traceparent: '' }, body }
}

/** A process for tests to kill: stores pages and pays for them without end, and prints each job once both are confirmed. */
async function writeForEver(file: string, writer: string): Promise<void> {
  const engine = SqliteEngine.open(file)
  const [results, ledger] = [new SqliteResultStore(engine), new SqliteLedgerStore(engine)]
  for (let rep = 0; ; rep++) {
    const page = pageOf(writer, rep)
    const { jobId } = page.run
    await Promise.all([
      results.store([page], AT),
      ledger.apply([{ id: jobId, kind: 'mint', debit: 'mint:0', credit: 'user:mia', amountCoins: 1, at: AT }]),
    ])
    process.stdout.write(`${jobId}\n`)
  }
}

await Promise.all([1, 2, 3].map((index) => writeForEver(process.argv[2]!, `writer${process.argv[3]}-${index}`)))

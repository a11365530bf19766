import { escrowOf, mintAccount, settlementOf, userAccount, type Transfer } from '@quarry/domain'
import { CassandraLedgerStore, type CassandraEngine } from '@quarry/storage-cassandra'
import { anOrder, aRun } from '@quarry/testkit'
import { round, say } from '../figures.ts'
import { withKeyspace } from './keyspace.ts'
import { withEngines } from './running-engines.ts'

export interface LedgerFigures {
  readonly transfersPerSecond: number
  readonly peerTransfersPerSecond: number
  readonly ratio: number
}

const BATCH = 200
/** Batches, or single writes, under way at once: each on accounts of its own. */
const LANES = 4
const ORDERS_PER_LANE = 4
const ROUND_MS = 5_000
const ROUNDS = 3
const COINS = 1_000_000

const PLAIN_TABLE = `CREATE TABLE plain_account (account text, id text, ver bigint static, posted bigint static, kind int,
  credit text, amount bigint, order_id text, at bigint, PRIMARY KEY (account, id))`
const UPDATE = 'UPDATE plain_account SET ver = ?, posted = ? WHERE account = ? IF ver = ?'
const INSERT = `INSERT INTO plain_account (account, id, kind, credit, amount, order_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)
  IF NOT EXISTS`

/** Settlements of one lane without end: a few orders' repetitions, all to one miner. */
class Lane {
  readonly orders: readonly ReturnType<typeof anOrder>[]
  readonly #miner: string
  #next = 0

  constructor(index: number) {
    this.#miner = `miner-${index}`
    this.orders = Array.from({ length: ORDERS_PER_LANE }, (_, n) =>
      anOrder({ id: `lane${index}-order${n}`, customerId: `customer-${index}`, repetitions: COINS }),
    )
  }

  take(count: number): Transfer[] {
    return Array.from({ length: count }, () => {
      const n = this.#next++
      const { id, customerId } = this.orders[n % this.orders.length]!
      const rep = Math.floor(n / this.orders.length)
      const miner = { userId: this.#miner, deviceId: 'device' }
      return settlementOf(aRun({ orderId: id, customerId, rep, miner }))
    })
  }
}

/**
 * Settlements as the coin service applies them, double entry and all, against the cheapest way to write one transfer at a
 * time: one conditional batch of two statements on the debit's partition, the credit left out. Same Cassandra, in turns.
 */
export function benchLedger(): Promise<LedgerFigures> {
  return withEngines(['cassandra'], ({ cassandra }) =>
    withKeyspace(cassandra, async (engine) => {
      await engine.define(PLAIN_TABLE)
      const store = new CassandraLedgerStore(engine)
      const lanes = Array.from({ length: LANES }, (_, index) => new Lane(index))
      for (const lane of lanes) await fund(store, lane)
      const plain = lanes.map((_, index) => plainWriter(engine, `plain-${index}`))
      const ours: number[] = []
      const theirs: number[] = []
      // The first round of each warms Cassandra up, and counts for neither.
      for (let turn = 0; turn <= ROUNDS; turn++) {
        const batched = await perSecond(lanes, (lane) => settle(store, lane.take(BATCH)))
        const single = await perSecond(lanes, async (lane, index) => plain[index]!(lane.take(1)[0]!))
        say(`batches of ${BATCH}: ${Math.round(batched)}/s; one conditional write each: ${Math.round(single)}/s`)
        if (turn === 0) continue
        ours.push(batched)
        theirs.push(single)
      }
      const mean = (figures: readonly number[]) => figures.reduce((sum, one) => sum + one, 0) / figures.length
      return {
        transfersPerSecond: Math.round(mean(ours)),
        peerTransfersPerSecond: Math.round(mean(theirs)),
        ratio: round(mean(ours) / mean(theirs)),
      }
    }),
  )
}

async function fund(store: CassandraLedgerStore, lane: Lane): Promise<void> {
  for (const order of lane.orders) {
    await store.apply([
      {
        id: `mint-${order.id}`,
        kind: 'mint',
        debit: mintAccount(order.customerId),
        credit: userAccount(order.customerId),
        amountCoins: COINS,
        at: 0,
      },
      escrowOf(order),
    ])
  }
}

async function settle(store: CassandraLedgerStore, transfers: readonly Transfer[]): Promise<number> {
  const outcomes = await store.apply(transfers)
  const bad = outcomes.find(({ kind }) => kind !== 'posted')
  if (bad !== undefined) throw new Error(`a settlement was not posted: ${JSON.stringify(bad)}`)
  return transfers.length
}

/** The only writer of its account, so that no condition is ever refused. */
function plainWriter(engine: CassandraEngine, account: string): (transfer: Transfer) => Promise<number> {
  let version: number | null = null
  let posted = 0
  return async ({ id, credit, amountCoins, orderId, at }) => {
    const next = (version ?? 0) + 1
    posted -= amountCoins
    const { applied } = await engine.decide(
      { query: UPDATE, params: [next, posted, account, version] },
      { query: INSERT, params: [account, id, 1, credit, amountCoins, orderId, at] },
    )
    if (!applied) throw new Error(`a plain transfer was refused on ${account}`)
    version = next
    return 1
  }
}

/** How much all lanes together do in a second when each does one thing after the other. */
async function perSecond(
  lanes: readonly Lane[],
  step: (lane: Lane, index: number) => Promise<number>,
): Promise<number> {
  const begun = performance.now()
  let done = 0
  await Promise.all(
    lanes.map(async (lane, index) => {
      while (performance.now() - begun < ROUND_MS) done += await step(lane, index)
    }),
  )
  return (done / (performance.now() - begun)) * 1000
}

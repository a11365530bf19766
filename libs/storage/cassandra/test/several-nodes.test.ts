import type { AccountId, Transfer, TransferOutcome } from '@quarry/domain'
import { onCluster } from '@quarry/engines-under-test'
import { Unavailable, UnknownOutcome, type LedgerStore } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CassandraEngine } from '../src/cassandra-engine.ts'
import { CassandraLedgerStore } from '../src/cassandra-ledger-store.ts'
import { migrate, replicationOf } from '../src/migrate.ts'
import { CassandraCluster } from './cassandra-cluster.ts'

const NODES = 3
const USERS = 10
const COINS_EACH = 30
const TRANSFERS = 600
const WORKERS = 12
const RIVALS = 8
const RAISES = 10
const ROW = 'rivals'
const PAUSE_MS = 8_000
const PATIENCE_MS = 120_000
const AT = 1_800_000_000_000

onCluster(() => {
  let cluster: CassandraCluster
  const engines: CassandraEngine[] = []

  beforeAll(async () => {
    cluster = await CassandraCluster.start(NODES)
    const address = {
      contactPoints: cluster.contactPoints,
      localDataCenter: 'datacenter1',
      keyspace: 'quarry',
    }
    await allKnowEachOther(cluster)
    await migrate({ ...address, replication: replicationOf(String(NODES))! })
    for (let service = 0; service < 2; service++) engines.push(await CassandraEngine.open(address))
  }, 600_000)

  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.close()))
    await cluster?.stop()
  })

  test('of rivals at one row each is told whether it won: none that nobody knows', async () => {
    const raise = async (nth: number) => {
      const engine = engines[nth % 2]!
      for (let won = 0; won < RAISES;) {
        const [row] = await engine.readSerial<{ beat: types.Long }>('SELECT beat FROM leader_lease WHERE name = ?', ROW)
        const beat = row!.beat.toNumber()
        const query = 'UPDATE leader_lease SET beat = ? WHERE name = ? IF beat = ?'
        if ((await engine.decide({ query, params: [beat + 1, ROW, beat] })).applied) won++
      }
    }
    const first = 'INSERT INTO leader_lease (name, beat) VALUES (?, 0) IF NOT EXISTS'
    await engines[0]!.decide({ query: first, params: [ROW] })
    await Promise.all(numbers(RIVALS).map(raise))
    const rows = await engines[1]!.readSerial<{ beat: types.Long }>('SELECT beat FROM leader_lease WHERE name = ?', ROW)
    expect(rows[0]!.beat.toNumber()).toBe(RIVALS * RAISES)
  })

  test('with one of three nodes killed, and then another that hangs, transfers go on and no coin is made or lost', async () => {
    const services = engines.map((engine) => new CassandraLedgerStore(engine))
    await untilAnswered(services[0]!, numbers(USERS).map(minted))
    const waiting = numbers(TRANSFERS).map(ringTransfer)
    const decided = new Map<string, TransferOutcome['kind']>()
    const worker = async (nth: number) => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        decided.set(next.id, (await untilAnswered(services[nth % 2]!, [next]))[0]!.kind)
    }
    const done = Promise.all(numbers(WORKERS).map(worker))
    const reached = (share: number) =>
      vi.waitFor(() => expect(decided.size).toBeGreaterThanOrEqual(TRANSFERS * share), { timeout: PATIENCE_MS })

    await reached(0.2)
    await cluster.nodes[2]!.kill()
    await reached(0.5)
    await cluster.nodes[2]!.start()
    await reached(0.7)
    cluster.nodes[1]!.pause()
    await sleep(PAUSE_MS)
    cluster.nodes[1]!.resume()
    await done

    expect([...decided.values()].filter((kind) => kind !== 'posted' && kind !== 'insufficient')).toEqual([])
    const again = await untilAnswered(services[1]!, numbers(TRANSFERS).map(ringTransfer))
    expect(again.map(({ kind }) => kind)).toEqual(numbers(TRANSFERS).map((n) => decided.get(ringTransfer(n).id)))
    const balances = await Promise.all(numbers(USERS).map((n) => services[0]!.balance(userOf(n))))
    expect(balances.reduce((sum, { postedCoins }) => sum + postedCoins, 0)).toBe(USERS * COINS_EACH)
    expect(await services[1]!.audit()).toEqual([])
  })
})

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
function userOf(n: number): AccountId {
  return `user:${n % USERS}`
}

function minted(n: number): Transfer {
  return { id: `mint-${n}`, kind: 'mint', debit: 'mint:7', credit: userOf(n), amountCoins: COINS_EACH, at: AT }
}

/** Each user passes coins on to the next; some have none at the time, and are refused for ever. */
function ringTransfer(n: number): Transfer {
  const amountCoins = 1 + (n % 7)
  return { id: `ring-${n}`, kind: 'payment', debit: userOf(n), credit: userOf(n + 1), amountCoins, at: AT + 1 }
}

/** As a coin service does: the same ids again until there is an answer. */
async function untilAnswered(store: LedgerStore, transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]> {
  for (;;) {
    try {
      return await store.apply(transfers)
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof UnknownOutcome)) throw error
      await sleep(100)
    }
  }
}

async function allKnowEachOther(cluster: CassandraCluster): Promise<void> {
  for (const node of cluster.contactPoints) {
    const engine = await CassandraEngine.connect({ contactPoints: [node], localDataCenter: 'datacenter1' })
    await vi.waitFor(
      async () => expect(await engine.read('SELECT peer FROM system.peers_v2')).toHaveLength(NODES - 1),
      { timeout: PATIENCE_MS },
    )
    await engine.close()
  }
}

import type { OrderView } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { TargetSite, waitUntil, type ApiClient, type AppProcess } from '@quarry/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectBalance } from './src/expect-balance.ts'
import { eventsOf, Marketplace, settled } from './src/marketplace.ts'
import { folderProblems, readManifest } from './src/received-folder.ts'
import { randomOf } from './src/seeded-random.ts'

const START_COINS = 100_000
const INTERVAL_MS = 200

const seed = Number(process.env['QUARRY_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const random = randomOf(seed)
const between = (least: number, most: number) => Math.round(least + random() * (most - least))

let site: TargetSite
let market: Marketplace
let customer: ApiClient
let owner: ApiClient
let tokens: { mine: string; receive: string }
let miner: AppProcess
let receiver: AppProcess
let orders: OrderView[]

const startMiner = async () =>
  void (miner = await market.miner(owner, 'miner', {
    token: tokens.mine,
    args: ['--allow-address', '127.0.0.1/32', '--concurrency', '8'],
  }))
const startReceiver = async () =>
  void (receiver = await market.receiver(customer, 'results', { token: tokens.receive }))
const received = () => readManifest(market.out('results')).length

/** Orders of pages that are delivered, of one that always fails and of a large one, all due every 200 ms. */
async function order(repetitions: number): Promise<void> {
  const paths = ['/changing/a', '/changing/b', '/one-line', '/slow?ms=150', '/private/diary']
  const schedule = { kind: 'interval', intervalMs: INTERVAL_MS } as const
  orders = []
  for (const path of paths)
    orders.push(await customer.place({ url: site.url + path, schedule, repetitions, catchUp: 'all' }))
}

beforeEach(async () => {
  process.stdout.write(`seed ${seed} (replay with QUARRY_SEED=${seed})\n`)
  site = await TargetSite.start()
  market = await Marketplace.start()
  customer = await market.signUp('customer')
  owner = await market.signUp('miner')
  tokens = { mine: await owner.token('mine'), receive: await customer.token('results:read') }
  await customer.faucet(START_COINS)
  await startMiner()
  await startReceiver()
})

afterEach(async () => {
  await market?.stop()
  site?.close()
})

afterAll(() => void process.stdout.write(`seed was ${seed}\n`))

/** Everything that must hold whatever died: each repetition once, money and files to match, everybody back by themselves. */
async function expectAllSettledOnce(): Promise<void> {
  const ended = await settled(
    customer,
    orders.map(({ id }) => id),
  )
  const due = orders.reduce((sum, each) => sum + each.repetitions, 0)
  await waitUntil('every result is on disk', () => received() >= due)
  for (const each of ended) await expectRunsComplete(each)
  const pages = ended.reduce((sum, each) => sum + each.delivered, 0)
  expect(pages).toBeGreaterThan(0)
  await expectBalance(customer, START_COINS - pages)
  await expectBalance(owner, pages)
  for (const client of [miner, receiver]) expect(client.running, client.lines.slice(-5).join('\n')).toBe(true)
  expect(await receiver.stop()).toBe(0)
  expect(await miner.stop()).toBe(0)
  expect(folderProblems(market.out('results'))).toEqual([])
  expect(received()).toBe(due)
  expect(await market.audit()).toEqual({ code: 0, words: 'The ledger is sound.' })
}

/** The API's runs: repetitions 0 to n - 1, each once, and the order's own figures to match; the folder says the same. */
async function expectRunsComplete(each: OrderView): Promise<void> {
  const { items } = await customer.runs(each.id)
  const reps = items.map(({ rep }) => rep).toSorted((a, b) => a - b)
  expect(reps).toEqual(Array.from({ length: each.repetitions }, (_, rep) => rep))
  const pages = items.filter(({ outcome }) => outcome.kind === 'page').length
  expect([each.delivered, each.failed]).toEqual([pages, each.repetitions - pages])
  expect(each.coins).toEqual({
    paidIn: each.repetitions,
    paidOut: pages,
    refunded: each.repetitions - pages,
    inEscrow: 0,
  })
  const onDisk = new Map(readManifest(market.out('results')).map((line) => [line.jobId, whatCame(line)]))
  for (const run of items) expect(onDisk.get(run.jobId)).toBe(whatCame(run))
}

function whatCame({ outcome }: RunResult): string {
  return outcome.kind === 'page' ? outcome.content.sha256 : outcome.reason
}

async function resultsGrow(by: number): Promise<void> {
  const before = received()
  const due = orders.reduce((sum, each) => sum + each.repetitions, 0)
  await waitUntil(`${by} more results`, () => received() >= Math.min(due, before + by))
}

describe('kill -9', () => {
  it('of the miner, again and again, loses nothing', async () => {
    await order(30)
    for (let round = 0; round < 4; round++) {
      await resultsGrow(between(3, 12))
      await sleep(between(0, 200))
      await miner.kill()
      await startMiner()
    }
    await expectAllSettledOnce()
  })

  it('of the result-client while it writes leaves whole files only', async () => {
    await order(40)
    for (let round = 0; round < 8; round++) {
      await resultsGrow(1)
      await sleep(between(0, 120))
      await receiver.kill()
      const lines = received()
      await startReceiver()
      // What had a line before the crash has it after.
      expect(received()).toBeGreaterThanOrEqual(lines)
    }
    await expectAllSettledOnce()
  })

  it('of the marketplace, again and again, loses nothing and doubles nothing', async () => {
    await order(60)
    for (let round = 0; round < 6; round++) {
      await sleep(between(100, 1500))
      await market.process.kill()
      await sleep(between(0, 300))
      await market.restart()
    }
    await expectAllSettledOnce()
    for (const client of [miner, receiver]) {
      expect(eventsOf(client).filter(({ event }) => event === 'connected').length).toBeGreaterThan(1)
    }
  })

  it('of all three at once loses nothing', async () => {
    await order(30)
    for (let round = 0; round < 3; round++) {
      await sleep(between(200, 1200))
      await Promise.all([market.process.kill(), miner.kill(), receiver.kill()])
      await market.restart()
      await startMiner()
      await startReceiver()
    }
    await expectAllSettledOnce()
  })
})

describe('SIGSTOP and SIGCONT', () => {
  it('of each process for a while loses nothing', async () => {
    await order(40)
    for (const who of [() => miner, () => receiver, () => market.process, () => miner]) {
      await resultsGrow(between(1, 8))
      const stopped = who()
      stopped.signal('SIGSTOP')
      await sleep(between(1500, 3500))
      stopped.signal('SIGCONT')
    }
    await expectAllSettledOnce()
  })
})

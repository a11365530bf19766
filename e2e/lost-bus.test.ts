import type { OrderView, PlaceOrderInput } from '@quarry/contracts'
import { onCluster } from '@quarry/engines-under-test'
import { TargetSite, waitUntil, type ApiClient, type AppProcess } from '@quarry/testkit'
import { createConnection } from 'node:net'
import { rename } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditOutcome } from './src/chaos/audit-outcome.ts'
import { expectBalance } from './src/expect-balance.ts'
import { eventsOf, Marketplace, oneOfEach, settled } from './src/marketplace.ts'

/** So that, however slow this machine is, work is left when something is stopped. */
const REPETITIONS = 60
const INTERVAL_MS = 2_000
const NAMES = { coin: 'coin-1', resultServer: 'result-server-1', rabbit: 'rabbitmq' } as const

onCluster(() => {
  let site: TargetSite
  let market: Marketplace

  beforeEach(async () => {
    site = await TargetSite.start()
    market = await Marketplace.onEngines({ QUARRY_LEASE_MS: '10000' }, oneOfEach)
  })

  afterEach(async () => {
    await market?.stop()
    site.close()
  })

  function place(customer: ApiClient, path: string, intervalMs = INTERVAL_MS): Promise<OrderView> {
    const schedule = { kind: 'interval', intervalMs } as const
    const order: PlaceOrderInput = { url: site.url + path, schedule, repetitions: REPETITIONS, catchUp: 'all' }
    return customer.place(order)
  }

  const resettle = async (...args: string[]) => {
    const { code, words } = await market.command('result-server', 'resettle', '--json', ...args)
    const events = words.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    const owed = events.filter(({ event }) => event === 'owed').map(({ id }) => id as string)
    return { code, owed, done: events.at(-1) as { event: 'done'; published: number; refused: number; runs: number } }
  }

  /** What RabbitMQ holds, and what its consumers have in hand, is gone for good; all of them start anew. */
  async function loseBus(): Promise<void> {
    const { cluster } = market
    cluster.signal(NAMES.rabbit, 'SIGSTOP')
    const mnesia = join(cluster.folder, 'engines', 'rabbitmq', 'mnesia')
    await rename(mnesia, `${mnesia}-burnt`)
    cluster.signal(NAMES.coin, 'SIGKILL')
    cluster.signal(NAMES.resultServer, 'SIGKILL')
    cluster.signal(NAMES.rabbit, 'SIGKILL')
  }

  async function emptyRedis(): Promise<void> {
    const { hostname, port } = new URL(market.cluster.env['QUARRY_REDIS']!)
    const socket = createConnection(Number(port), hostname)
    socket.end('FLUSHALL\r\n')
    await once(socket, 'data')
  }

  test('RabbitMQ loses all it has: what is unsettled is named, settled once, and what was not stored is done again', async () => {
    const [customer, bystander, owner] = await Promise.all(
      ['customer', 'bystander', 'owner'].map((name) => market.signUp(name)),
    )
    await Promise.all([customer!, bystander!].map((each) => each.faucet(100_000)))
    const orders = await Promise.all(
      ['/page', '/missing', '/status/503', '/one-line'].map((path) => place(customer!, path)),
    )
    const cancelled = await place(bystander!, '/gzip', 600_000)
    const miner = await market.miner(owner!, 'miner')
    const receiver = await market.receiver(customer!, 'receiver')
    const stored = async () => new Set((await Promise.all(orders.map((order) => runIds(customer!, order.id)))).flat())
    await waitUntil('some is settled', async () => (await customer!.order(orders[0]!.id)).coins.paidOut >= 2)

    market.cluster.signal(NAMES.coin, 'SIGSTOP')
    const cancelling = bystander!.cancel(cancelled.id).catch(() => undefined)
    const dry = await waitUntil(
      'payments and the refund wait in RabbitMQ',
      async () => {
        const looked = await resettle('--dry-run')
        return looked.owed.length >= 20 && looked.owed.includes(`${cancelled.id}:cancel`) && looked
      },
      60_000,
    )
    expect(dry.code).toBe(0)
    market.cluster.signal(NAMES.resultServer, 'SIGSTOP')
    await sleep(500)
    const before = await stored()
    await waitUntil(
      'results wait in RabbitMQ',
      () => accepted(miner).filter((id) => !before.has(id)).length >= 5,
      60_000,
    )
    await loseBus()
    await cancelling

    await waitUntil('coins are there again', () => bystander!.order(cancelled.id).then(Boolean, () => false), 120_000)
    await waitUntil('results are stored again', async () => (await stored()).size > before.size, 120_000)
    const lost = accepted(miner).filter((id) => !before.has(id))
    const afterwards = await stored()
    expect(
      lost.filter((id) => !afterwards.has(id)),
      'results that RabbitMQ alone had',
    ).not.toEqual([])

    const audit = await market.audit('--grace', '5')
    expect(audit.code).toBe(1)
    const named = audit.words.match(/^stored-is-settled .*$/gm)!.map((line) => line.split('  ')[1]!)
    expect(named).toContain(`${cancelled.id}:cancel`)
    expect(named.length).toBeGreaterThan(5)
    expect(audit.words).toMatch(new RegExp(`^${named.length} violations\\.$`, 'm'))

    const mended = await resettle()
    expect(mended).toMatchObject({ code: 0, done: { event: 'done', refused: 0 } })
    expect(mended.owed).toEqual(expect.arrayContaining(named))
    await emptyRedis()
    await settled(
      customer!,
      orders.map(({ id }) => id),
    )
    const [{ coins } = cancelled] = await settled(bystander!, [cancelled.id])
    expect(coins).toMatchObject({ refunded: REPETITIONS - coins.paidOut, inEscrow: 0 })
    const balances = () => Promise.all([customer!, bystander!, owner!].map((each) => each.balance()))
    const paid = await balances()

    expect(await resettle()).toMatchObject({ code: 0, owed: [], done: { published: 0 } })
    expect(await market.audit('--grace', '0')).toMatchObject({ code: 0 })
    expect(await balances()).toEqual(paid)
    for (const client of [miner, receiver]) expect(await client.stop()).toBe(0)
    const ordered = [{ customer: customer!, orders, folder: 'receiver' }]
    const { problems, runs } = await auditOutcome(market, ordered, [])
    expect(problems).toEqual([])
    await expectBalance(owner!, runs.filter(({ outcome }) => outcome.kind === 'page').length + coins.paidOut)
  }, 600_000)
})

function accepted(miner: AppProcess): string[] {
  return eventsOf(miner).flatMap(({ event, verdict, jobId }) =>
    event === 'job' && verdict === 'accepted' ? [jobId as string] : [],
  )
}

async function runIds(customer: ApiClient, orderId: string): Promise<string[]> {
  const { items } = await customer.runs(orderId)
  return items.map(({ jobId }) => jobId)
}

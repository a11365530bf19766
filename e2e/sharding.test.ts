import { newEntry } from '@quarry/domain'
import { onEngine } from '@quarry/engines-under-test'
import { anOrder, openClusterPorts, waitUntil, type ClusterPorts, type EngineAddresses } from '@quarry/testkit'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest'
import { MineEverything } from './src/mine-everything.ts'
import { buildServices, SchedulingProcesses } from './src/scheduling-processes.ts'

const ORDERS = 10_000
/** Enough to activate them all before the first is due. */
const HEAD_START_MS = 60_000
/** They fall due over so long, while everything below happens. */
const SPAN_MS = 60_000
const ACTIVATED_AT_ONCE = 200

onEngine('cassandra', (cassandra) => {
  onEngine('redis', (redis) => {
    onEngine('rabbitmq', (rabbitmq) => sharding({ cassandra, redis, rabbitmq }))
  })
})

function sharding(addresses: EngineAddresses): void {
  const run = randomUUID().slice(0, 8)
  let ports: ClusterPorts
  let all: SchedulingProcesses
  let miner: MineEverything

  beforeAll(() => buildServices('scheduler', 'scheduler-manager'))

  beforeEach(async () => {
    ports = await openClusterPorts(addresses)
    all = await SchedulingProcesses.start(
      { ...ports.env, QUARRY_HOST_GAPS: 'default=0' },
      { managers: 2, schedulers: 2 },
    )
    miner = new MineEverything(ports, ({ orderId }) => orderId.startsWith(run))
  })

  afterEach(async () => {
    await miner.stop()
    await all.end()
    await ports.close()
  })

  async function activateAll(): Promise<string[]> {
    const now = Date.now()
    const ids = Array.from({ length: ORDERS }, (_, n) => `${run}-${n}`)
    for (let from = 0; from < ORDERS; from += ACTIVATED_AT_ONCE) {
      await Promise.all(
        ids.slice(from, from + ACTIVATED_AT_ONCE).map((id, i) => {
          const n = from + i
          const host = `host-${n % 64}.example`
          const startAt = now + HEAD_START_MS + ((n * 7_919) % SPAN_MS)
          const fields = { id, customerId: `${run}-${n % 50}`, host, url: `http://${host}/`, createdAt: now }
          const order = anOrder({ ...fields, schedule: { kind: 'once', startAt }, repetitions: 1 })
          return ports.schedule.activate(newEntry(order), now)
        }),
      )
    }
    process.stdout.write(`${ORDERS} orders activated in ${Date.now() - now} ms\n`)
    return ids
  }

  test('10,000 orders fall due while schedulers join, leave, die, hang and come back: each once', async () => {
    onTestFailed(() => void process.stdout.write(`${miner.claims.size} handed out\n${all.troubles()}\n`))
    await all.settledUnder(await all.primary())
    const ids = await activateAll()
    miner.start()
    await waitUntil('the first are due', () => miner.claims.size > 0)
    const [first, second] = all.schedulers
    const third = await all.join()
    await sleep(5_000)
    second!.pause()
    await sleep(10_000)
    const fourth = await all.join()
    second!.wake()
    await first!.process.stop()
    await sleep(5_000)
    await third.kill()
    await sleep(5_000)
    fourth.pause()
    await sleep(6_000)
    fourth.wake()
    await (await all.primary()).kill()
    await all.join()
    await waitUntil('all were handed out', () => miner.claims.size === ORDERS, 150_000)
    await sleep(10_000)
    expect([...miner.claims].filter(([, times]) => times !== 1)).toEqual([])
    const totals = await ports.results.totals(ids)
    expect(totals.filter(({ delivered, failed }) => delivered !== 1 || failed !== 0)).toEqual([])
    const late = miner.latenessMs.toSorted((a, b) => a - b)
    const at = (q: number) => late[Math.min(late.length - 1, Math.floor(late.length * q))]!
    process.stdout.write(`lateness p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms\n`)
    expect(at(0.99)).toBeLessThan(120_000)
  }, 420_000)
}

import { jobIdOf } from '@quarry/domain'
import { onCluster } from '@quarry/engines-under-test'
import { AppProcess, aRun, waitUntil } from '@quarry/testkit'
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logged, metric, ready } from './src/faults/observe.ts'
import { OwnEngines } from './src/faults/own-engines.ts'
import { framed, RawBus } from './src/faults/raw-bus.ts'
import { buildServices } from './src/scheduling-processes.ts'

const SETTLEMENT_QUEUES = ['settlements.0', 'settlements.1', 'settlements.large']
/** Together more than the two segments of the commit log that are open when the disk fills up. */
const RESULTS = 120
const BODY_BYTES = 300_000
const UP = 'quarry_engine_up{engine="cassandra"}'

onCluster(() => {
  let engines: OwnEngines
  let bus: RawBus
  let service: AppProcess | undefined

  beforeAll(async () => {
    buildServices('result-server')
    engines = await OwnEngines.start({ harmsCassandra: true })
    bus = await RawBus.open(engines.rabbitUrl)
  }, 300_000)

  afterAll(async () => {
    await service?.kill()
    await bus?.close()
    await engines?.stop()
  })

  test('a full disk of Cassandra ends the node; with room again each result is stored once and settled once', async () => {
    service = new AppProcess('result-server', [], { env: { ...engines.env } })
    const url = (await service.line(/"url":"(http:[^"]+)".*"listening"/))[1]!
    const orderId = randomUUID()
    await engines.cassandraDiskIsFull()
    for (let rep = 0; rep < RESULTS; rep++) {
      const body = randomBytes(BODY_BYTES).toString('base64')
      const run = aRun({ orderId, rep, jobId: jobIdOf(orderId, rep), customerId: orderId, body })
      await bus.send(`results.${rep % 2}`, run.jobId, framed(run, { body }))
    }

    await waitUntil('the node ended', () => !engines.cassandraRuns)
    expect(engines.cassandraLog()).toMatch(/FSWriteError.*File too large/)
    await waitUntil('the service says so', () => logged(service!, 'engine is lost, waiting for it').length > 0)
    expect(logged(service, 'engine is lost, waiting for it')[0]).toMatchObject({ engine: 'cassandra' })
    expect(await metric(url, UP)).toBe(0)
    expect((await ready(url)).status).toBe(503)

    await engines.startCassandraAgain()
    await waitUntil('it is back', () => logged(service!, 'engine is back').length > 0)
    const stored = async () => (await engines.ports.results.totals([orderId]))[0]
    await waitUntil('all are stored', async () => (await stored())?.delivered === RESULTS, 60_000)
    await waitUntil('all are settled', async () => (await bus.waiting(...SETTLEMENT_QUEUES)) >= RESULTS)
    expect(await stored()).toMatchObject({ delivered: RESULTS, failed: 0 })
    expect(await metric(url, UP)).toBe(1)
    expect((await ready(url)).status).toBe(200)
    expect(await metric(url, 'quarry_dead_letters{stream="results"}')).toBe(0)
  })
})

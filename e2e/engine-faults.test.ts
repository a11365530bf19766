import { jobIdOf, newEntry } from '@quarry/domain'
import { onCluster } from '@quarry/engines-under-test'
import { anOrder, AppProcess, aRun, waitUntil } from '@quarry/testkit'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { logged, metric, ready } from './src/faults/observe.ts'
import { OwnEngines, serviceEngines, type ServiceEngine } from './src/faults/own-engines.ts'
import { framed, RawBus } from './src/faults/raw-bus.ts'
import { refusingCassandra } from './src/faults/refusing-cassandra.ts'
import { MineEverything } from './src/mine-everything.ts'
import { buildServices, SchedulingProcesses } from './src/scheduling-processes.ts'

const RESULT_QUEUES = ['results.0', 'results.1', 'results.large']
const SETTLEMENT_QUEUES = ['settlements.0', 'settlements.1', 'settlements.large']
const TRYING = 'engine does not answer yet, trying again'
const variables = { cassandra: 'QUARRY_CASSANDRA', redis: 'QUARRY_REDIS', rabbitmq: 'QUARRY_RABBITMQ' } as const

onCluster(() => {
  let engines: OwnEngines
  let services: AppProcess[] = []

  beforeAll(async () => {
    buildServices('result-server', 'scheduler', 'scheduler-manager')
    engines = await OwnEngines.start()
  }, 300_000)

  afterEach(async () => {
    for (const proxy of Object.values(engines.proxies)) proxy.restore()
    await Promise.all(services.map((service) => service.kill()))
    services = []
  })

  afterAll(() => engines?.stop())

  function start(env: Record<string, string> = {}, args: readonly string[] = []): AppProcess {
    const service = new AppProcess('result-server', args, { env: { ...engines.env, ...env } })
    services.push(service)
    return service
  }

  const urlOf = async (service: AppProcess) => (await service.line(/"url":"(http:[^"]+)".*"listening"/))[1]!

  async function command(...args: string[]): Promise<{ code: unknown; words: string }> {
    const process = start({}, ['dead-letters', ...args])
    const code = await process.exit()
    await sleep(50)
    return { code, words: process.lines.join('\n') }
  }

  describe.each(serviceEngines)('%s', (name: ServiceEngine) => {
    const up = `quarry_engine_up{engine="${name}"}`

    test('away at the start and lost later: told of, waited for, found again', async () => {
      const proxy = engines.proxies[name]
      proxy.cut()
      const service = start()
      await waitUntil('it was tried twice', () => logged(service, TRYING).length >= 2)
      for (const line of logged(service, TRYING))
        expect(line).toMatchObject({ engine: name, reason: expect.stringContaining(new URL(proxy.url).host) })
      expect(logged(service, 'listening'), 'nobody can be sent to it').toEqual([])
      proxy.restore()
      const url = await urlOf(service)
      expect(await ready(url)).toMatchObject({ status: 200, checks: { [name]: 'ok' } })
      expect(await metric(url, `quarry_engine_failed_tries_total{engine="${name}"}`)).toBeGreaterThanOrEqual(2)
      expect(await metric(url, up)).toBe(1)

      proxy.cut()
      await waitUntil('it says so', () => logged(service, 'engine is lost, waiting for it').length === 1)
      const without = await ready(url)
      expect(without.status).toBe(503)
      expect(Object.entries(without.checks).filter(([, said]) => said !== 'ok')).toMatchObject([[name, /./]])
      expect(await metric(url, up)).toBe(0)
      proxy.restore()
      await waitUntil('it is back', () => logged(service, 'engine is back').length === 1)
      expect(await ready(url)).toMatchObject({ status: 200 })
      expect(await metric(url, up)).toBe(1)
      expect(logged(service, 'engine is lost, waiting for it')).toMatchObject([{ engine: name }])
      expect(await service.stop()).toBe(0)
    })

    test('being waited for, the service ends as soon as it is asked to', async () => {
      engines.proxies[name].cut()
      const service = start()
      await waitUntil('it waits', () => logged(service, TRYING).length >= 1)
      const begun = performance.now()
      expect(await service.stop()).toBe(0)
      expect(performance.now() - begun).toBeLessThan(5_000)
    })

    test('refused credentials end the service at once with a clear word, and without the password', async () => {
      const refusing = await refusingCassandra()
      const wrong = {
        cassandra: {
          QUARRY_CASSANDRA: refusing.where,
          QUARRY_CASSANDRA_USER: 'quarry',
          QUARRY_CASSANDRA_PASSWORD: 'hunter2',
        },
        redis: { QUARRY_REDIS: engines.env.QUARRY_REDIS!.replace('//', '//quarry:hunter2@') },
        rabbitmq: { QUARRY_RABBITMQ: engines.env.QUARRY_RABBITMQ!.replace('guest:guest', 'quarry:hunter2') },
      }[name] as Record<string, string>
      const service = start(wrong)
      expect(await service.exit()).toBe(2)
      const where = wrong[variables[name]]!.replace(/.*[/@]/, '')
      expect(service.lines.join('\n')).toMatch(new RegExp(`^${name}: .* at ${where} refused to log in`, 'm'))
      expect(service.lines.join('\n')).not.toContain('hunter2')
      refusing.close()
    })
  })

  test('a keyspace without a schema ends the service: run the migration', async () => {
    const service = start({ QUARRY_CASSANDRA_KEYSPACE: 'nobody_migrated_this' })
    expect(await service.exit()).toBe(2)
    expect(service.lines.join('\n')).toMatch(/no keyspace nobody_migrated_this: run the migration/)
  })

  describe('messages', () => {
    const orderId = randomUUID()
    const result = (rep: number) => aRun({ orderId, rep, jobId: jobIdOf(orderId, rep), customerId: orderId })
    let bus: RawBus
    beforeAll(async () => (bus = await RawBus.open(engines.rabbitUrl)))
    afterAll(() => bus?.close())

    const delivered = async () => (await engines.ports.results.totals([orderId]))[0]?.delivered ?? 0

    test('of an unknown version, and what is none, are kept apart, counted, listed and put back; others go on', async () => {
      const service = start()
      const url = await urlOf(service)
      await bus.send('results.0', 'of-version-99', framed(result(0), { v: 99 }))
      await bus.send('results.0', 'of-layout-9', framed(result(1), { layout: 9 }))
      await bus.send('results.1', 'nonsense\u001b[2J', Buffer.from('nonsense'))
      await bus.send('results.0', 'good', framed(result(2)))
      await waitUntil('the good one is stored', async () => (await delivered()) === 1)
      await waitUntil(
        'the others are counted',
        async () => (await metric(url, 'quarry_dead_letters{stream="results"}')) === 3,
      )
      expect(await metric(url, 'quarry_bus_events_total{kind="dead-letter"}')).toBe(3)
      const told = logged(service, 'a message became a dead letter: it is kept, and waits for an operator')
      expect(told.map(({ id }) => id).sort()).toEqual(['nonsense\u001b[2J', 'of-layout-9', 'of-version-99'])
      expect(told.every(({ reason }) => typeof reason === 'string' && reason !== '')).toBe(true)
      expect(await service.stop()).toBe(0)

      const list = await command('list', '--stream', 'results')
      expect(list.code).toBe(0)
      expect(list.words).toMatch(
        /^results {2}of-layout-9 {2}results\.0 {2}rejected {2}\d+ bytes {2}its layout 9 is unknown$/m,
      )
      expect(list.words).toMatch(/^results {2}nonsense\\u001b\[2J {2}results\.1 {2}rejected {2}8 bytes {2}its layout/m)
      expect(list.words).toMatch(/^results: 3 of 3 dead letters$/m)
      expect(await command('replay', '--stream', 'results', '--max', '2')).toEqual({
        code: 0,
        words: 'results: 2 put back',
      })
      expect((await command('list')).words).toMatch(/^results: 1 of 1 dead letters\nsettlements: 0 of 0 dead letters$/m)
      expect(await bus.waiting(...RESULT_QUEUES)).toBe(2)

      const again = await urlOf(start())
      await waitUntil(
        'they died again',
        async () => (await metric(again, 'quarry_dead_letters{stream="results"}')) === 3,
      )
      expect(await delivered()).toBe(1)
    })

    test('the command explains itself, refuses what it does not understand, and says when the broker is away', async () => {
      expect(await command('--help')).toMatchObject({ code: 0, words: expect.stringContaining('Usage: dead-letters') })
      for (const wrong of [[], ['bury'], ['list', '--max', '0'], ['list', '--stream', 'jobs'], ['list', '--all']])
        expect(await command(...wrong), wrong.join(' ')).toMatchObject({ code: 2 })
      engines.proxies.rabbitmq.cut()
      expect(await command('list')).toMatchObject({ code: 1, words: expect.stringContaining('RabbitMQ at 127.0.0.1') })
    })

    test('while the disk of RabbitMQ is full publishers wait, and all is settled when there is room again', async () => {
      const [before, settled] = [await delivered(), await bus.waiting(...SETTLEMENT_QUEUES)]
      for (let rep = 10; rep < 15; rep++) await bus.send('results.0', `late-${rep}`, framed(result(rep)))
      await engines.rabbitNeedsFree('1000000000MB')
      const service = start()
      const url = await urlOf(service)
      try {
        await waitUntil('it is blocked', () => logged(service, 'bus blocked').length > 0)
        expect(logged(service, 'bus blocked')[0]).toMatchObject({ level: 40, reason: expect.stringContaining('disk') })
        expect(await metric(url, 'quarry_bus_events_total{kind="blocked"}')).toBeGreaterThan(0)
        expect(await ready(url)).toMatchObject({ status: 200 })
      } finally {
        await engines.rabbitNeedsFree('1MB')
      }
      await waitUntil('it goes on', () => logged(service, 'bus unblocked').length > 0)
      await waitUntil('all are settled', async () => (await bus.waiting(...SETTLEMENT_QUEUES)) >= settled + 5)
      await waitUntil('all are acknowledged', async () => (await bus.waiting(...RESULT_QUEUES)) === 0)
      expect(await delivered()).toBe(before + 5)
    })
  })

  describe('schedulers', () => {
    const run = randomUUID().slice(0, 8)
    let all: SchedulingProcesses | undefined
    let miner: MineEverything
    afterEach(async () => {
      await miner?.stop()
      await all?.end()
      all = undefined
    })

    async function scheduling(env: Record<string, string> = {}): Promise<SchedulingProcesses> {
      all = await SchedulingProcesses.start({ ...engines.env, ...env }, { managers: 2, schedulers: 2 })
      await all.settledUnder(await all.primary())
      miner = new MineEverything(engines.ports, (job) => job.orderId.startsWith(run))
      miner.start()
      return all
    }

    /** Orders of one repetition each, due one by one over this time. */
    async function activate(kind: string, count: number, spanMs: number): Promise<string[]> {
      const now = Date.now()
      const ids = Array.from({ length: count }, (_, n) => `${run}-${kind}-${n}`)
      await Promise.all(
        ids.map((id, n) => {
          const startAt = now + 1_000 + (n * spanMs) / count
          const host = `${kind}${n}.example`
          const fields = { id, customerId: `${run}-${kind}`, host, url: `http://${host}/`, patienceMs: 4 * 3_600_000 }
          const order = anOrder({ ...fields, createdAt: now, schedule: { kind: 'once', startAt }, repetitions: 1 })
          return engines.ports.schedule.activate(newEntry(order), now)
        }),
      )
      return ids
    }

    async function expectEachOnce(ids: readonly string[]): Promise<void> {
      const ours = () => [...miner.claims].filter(([jobId]) => ids.some((id) => jobId.startsWith(id)))
      const done = async () =>
        (await engines.ports.results.totals(ids)).filter(({ delivered }) => delivered === 1).length
      await waitUntil('all were delivered', async () => (await done()) === ids.length, 90_000)
      await sleep(3_000)
      expect(ours().filter(([, times]) => times !== 1)).toEqual([])
      expect((await engines.ports.results.totals(ids)).filter((t) => t.delivered !== 1 || t.failed !== 0)).toEqual([])
    }

    test('two of the same id, and two managers: both work, each is told of and counted', async () => {
      const { managers, schedulers } = await scheduling({ QUARRY_SCHEDULER_ID: 'twin', QUARRY_MANAGER_ID: 'same' })
      const primary = await all!.primary()
      for (const [kind, words] of [
        ['scheduler', 'two schedulers have the same id'],
        ['manager', 'two managers have the same id'],
      ]) {
        expect(await metric(primary.url, `quarry_manager_duplicate_ids_total{kind="${kind}"}`)).toBeGreaterThanOrEqual(
          1,
        )
        expect(managers.flatMap(({ process }) => process.lines).join('\n')).toContain(words)
      }
      expect(schedulers.map(({ shards }) => shards.at(-1)!.index).sort()).toEqual([0, 1])
      await expectEachOnce(await activate('twins', 40, 2_000))
    })

    test('while Redis is full nothing can be handed out; afterwards each is, once', async () => {
      const { schedulers } = await scheduling()
      await engines.redis('CONFIG SET maxmemory 1mb')
      let ids: string[]
      try {
        ids = await activate('full', 40, 2_000)
        for (const { process, url } of schedulers) {
          await waitUntil('it says so', () => logged(process, 'engine is lost, waiting for it').length > 0)
          expect(logged(process, 'engine is lost, waiting for it')[0]).toMatchObject({
            engine: 'redis',
            reason: expect.stringContaining('OOM'),
          })
          expect(await metric(url, 'quarry_engine_up{engine="redis"}')).toBe(0)
          expect((await ready(url)).checks.redis).toContain('OOM')
        }
      } finally {
        await engines.redis('CONFIG SET maxmemory 0')
      }
      await expectEachOnce(ids)
    })

    test('whose clocks jump by an hour, and those of their managers: each due repetition once', async () => {
      const clock = new URL('./src/faults/stepping-clock.mjs', import.meta.url).href
      const { schedulers, managers } = await scheduling({ NODE_OPTIONS: `--import=${clock}` })
      const [first, second] = schedulers
      const ids = await activate('clock', 60, 20_000)
      await sleep(3_000)
      const steps = [
        [first, 'SIGUSR2', 'SIGHUP'],
        [second, 'SIGHUP', 'SIGUSR2'],
        [managers[0], 'SIGUSR2', 'SIGHUP'],
        [managers[1], 'SIGHUP', 'SIGUSR2'],
      ] as const
      for (const [who, away, back] of steps) {
        who!.process.signal(away)
        await sleep(4_000)
        who!.process.signal(back)
      }
      await expectEachOnce(ids)
      const told = "this clock and the scheduler-manager's differ by too much: set them right"
      expect(Math.max(...logged(first!.process, told).map(({ offsetMs }) => Number(offsetMs)))).toBeGreaterThan(
        3_500_000,
      )
      expect(Math.min(...logged(second!.process, told).map(({ offsetMs }) => Number(offsetMs)))).toBeLessThan(
        -3_500_000,
      )
    })
  })
})

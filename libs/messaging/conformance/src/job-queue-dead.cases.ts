import { MAX_ATTEMPTS } from '@quarry/domain'
import { expect, test } from 'vitest'
import type { JobQueueBench, OpenBench } from './job-queue-bench.ts'
import { jobFixture } from './job-fixture.ts'

/** Jobs out of attempts or patience, and those who take care of them. */
export function deadCases(open: OpenBench): void {
  test('after its last attempt a job is not claimed but reaped, once, and then known', async () => {
    const bench = await open()
    const { harness, queue, now, claimAll, request } = bench
    await queue.enqueue([jobFixture(1, now)])
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const [lease] = await claimAll(1)
      expect(lease?.attempt).toBe(attempt)
      const notBefore = await harness.now()
      await queue.release([{ token: lease?.token ?? '', notBefore, attempted: true, by: `device-${attempt}` }])
    }
    expect((await queue.claim(request())).leases).toEqual([])
    expect(await queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 1 })
    expect(await queue.enqueue([jobFixture(1, now)])).toEqual(['known'])
    const [dead] = await queue.reap(request({ max: 9 }))
    expect(dead).toMatchObject({ attempt: MAX_ATTEMPTS, triedBy: ['device-1', 'device-2', 'device-3'] })
    expect(dead?.job.jobId).toBe('order-1:1')
    expect(await queue.reap(request({ max: 9 }))).toEqual([])
    expect(await queue.ack([{ token: dead?.token ?? '' }])).toEqual(['done'])
    expect(await queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
    expect(await queue.enqueue([jobFixture(1, now)])).toEqual(['known'])
  })

  test('leases that expire use the attempts up as well', async () => {
    const { harness, queue, now, tickMs, claimAll, reapAll, request } = await open()
    await queue.enqueue([jobFixture(1, now)])
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      const [lease] = await claimAll(1, { leaseMs: tickMs })
      expect(lease?.attempt).toBe(attempt)
      await harness.pass(2 * tickMs)
      expect(await queue.reap(request())).toEqual([])
    }
    await claimAll(1, { leaseMs: tickMs })
    expect((await reapAll(1))[0]?.attempt).toBe(MAX_ATTEMPTS)
  })

  test('a job whose patience ends while it waits dies untried', async () => {
    const { queue, now, tickMs, reapAll, request } = await open()
    const pausedHost = { host: 'one.example', hostGapMs: 1_000 * tickMs }
    await queue.enqueue([
      jobFixture(1, now, { ...pausedHost, priceCoins: 2 }),
      jobFixture(2, now, { ...pausedHost, patienceUntil: now + tickMs }),
    ])
    expect((await queue.claim(request())).leases).toHaveLength(1)
    const [dead] = await reapAll(1)
    expect(dead).toMatchObject({ attempt: 0, triedBy: [] })
    expect(dead?.job.rep).toBe(2)
  })

  test('a job released until after its patience dies at once', async () => {
    const { queue, now, claimAll, request } = await open()
    const job = jobFixture(1, now)
    await queue.enqueue([job])
    const [lease] = await claimAll(1)
    const notBefore = job.patienceUntil + 1
    await queue.release([{ token: lease?.token ?? '', notBefore, attempted: true, by: 'device-1' }])
    expect(await queue.reap(request())).toMatchObject([{ attempt: 1, triedBy: ['device-1'] }])
  })

  test('a lease that expires after the job’s patience leaves no further attempt', async () => {
    const { queue, now, tickMs, reapAll, claimAll } = await open()
    await queue.enqueue([jobFixture(1, now, { patienceUntil: now + 8 * tickMs })])
    await claimAll(1, { leaseMs: 9 * tickMs })
    expect(await reapAll(1)).toMatchObject([{ attempt: 1 }])
  })

  test('of many reapers at once, each dead job goes to exactly one', async () => {
    const { harness, clients, queue, now, request } = await open()
    await queue.enqueue(Array.from({ length: 30 }, (_, rep) => jobFixture(rep, now, { patienceUntil: now - 1 })))
    await harness.pass(1)
    const reaped = await Promise.all([...clients, ...clients].map((client) => client.reap(request({ max: 10 }))))
    expect(reaped.flat()).toHaveLength(30)
    expect(new Set(reaped.flat().map((lease) => lease.job.jobId)).size).toBe(30)
  })

  test('what a reaper that died had taken is reaped again, and the first one is refused', async () => {
    const bench = await open()
    const { queue, clients, tickMs, reapAll, request } = bench
    await bury(bench)
    const [lost] = await reapAll(1, { leaseMs: tickMs })
    const [again] = await reapAll(1)
    expect(again).toMatchObject({ attempt: lost?.attempt, job: lost?.job })
    expect(await queue.ack([{ token: lost?.token ?? '' }])).toEqual(['stale'])
    expect((await queue.claim(request())).leases).toEqual([])
    expect(await clients[1]?.ack([{ token: again?.token ?? '' }])).toEqual(['done'])
  })

  test('a dead job that its reaper hands back is dead still, and no attempt more', async () => {
    const bench = await open()
    const { harness, queue, reapAll, request } = bench
    await bury(bench)
    const [first] = await reapAll(1)
    const notBefore = await harness.now()
    const release = { token: first?.token ?? '', notBefore, attempted: true, by: 'device-9' }
    expect(await queue.release([release])).toEqual(['done'])
    expect((await queue.claim(request())).leases).toEqual([])
    expect(await reapAll(1)).toMatchObject([{ attempt: first?.attempt, triedBy: first?.triedBy }])
  })
}

async function bury({ queue, now, harness }: JobQueueBench): Promise<void> {
  await queue.enqueue([jobFixture(1, now, { patienceUntil: now - 1 })])
  await harness.pass(1)
}

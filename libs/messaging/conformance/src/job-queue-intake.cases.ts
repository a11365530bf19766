import { expect, test } from 'vitest'
import type { OpenBench } from './job-queue-bench.ts'
import { jobFixture, jobFixtures } from './job-fixture.ts'
import { eventually } from './waiting.ts'

/** Enqueueing, knowing, losing and hinting. */
export function intakeCases(open: OpenBench): void {
  test('a job is known while it waits, while it is leased and after it was acknowledged', async () => {
    const { queue, now, claimAll } = await open()
    const job = jobFixture(1, now)
    expect(await queue.enqueue([job])).toEqual(['queued'])
    expect(await queue.enqueue([job])).toEqual(['known'])
    const [lease] = await claimAll(1)
    expect(lease?.job).toEqual(job)
    expect(await queue.enqueue([job])).toEqual(['known'])
    expect(await queue.holds([job.jobId])).toEqual([true])
    expect(await queue.ack([{ token: lease?.token ?? '' }])).toEqual(['done'])
    expect(await queue.enqueue([job])).toEqual(['known'])
    expect(await queue.holds([job.jobId])).toEqual([false])
  })

  test('a batch is answered index by index, and a job that is twice in it is queued once', async () => {
    const { queue, now } = await open()
    await queue.enqueue([jobFixture(2, now)])
    const jobs = [1, 2, 3, 1].map((rep) => jobFixture(rep, now))
    expect(await queue.enqueue(jobs)).toEqual(['queued', 'known', 'queued', 'known'])
    expect(await queue.holds(['order-1:9', 'order-1:1', 'order-1:2'])).toEqual([false, true, true])
  })

  test('empty batches are answered by empty lists', async () => {
    const { queue, request } = await open()
    expect(await queue.enqueue([])).toEqual([])
    expect(await queue.ack([])).toEqual([])
    expect(await queue.release([])).toEqual([])
    expect(await queue.extend([], 1_000)).toEqual([])
    expect(await queue.holds([])).toEqual([])
    expect(await queue.reap(request({ max: 0 }))).toEqual([])
    expect(await queue.claim(request())).toEqual({ leases: [] })
  })

  test('of many clients that enqueue the same jobs, each job is queued by exactly one', async () => {
    const { clients, now, queue } = await open()
    const jobs = jobFixtures(30, now)
    const answers = await Promise.all([...clients, ...clients].map((client) => client.enqueue(jobs)))
    for (const index of jobs.keys()) {
      expect(answers.filter((answer) => answer[index] === 'queued')).toHaveLength(1)
    }
    expect((await queue.depth()).waiting).toBe(jobs.length)
  })

  test('a thousand jobs in one call all arrive', async () => {
    const { queue, now, claimAll } = await open()
    const jobs = jobFixtures(1_000, now)
    expect(new Set(await queue.enqueue(jobs))).toEqual(new Set(['queued']))
    const leases = await claimAll(1_000, { max: 300 })
    expect(new Set(leases.map((lease) => lease.job.jobId)).size).toBe(1_000)
    const verdicts = await queue.ack(leases.map(({ token }) => ({ token })))
    expect(new Set(verdicts)).toEqual(new Set(['done']))
    expect(await queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
  })

  test('depth tells the waiting, the leased and the dead', async () => {
    const { queue, now, harness, request } = await open()
    const impatient = jobFixture(4, now, { patienceUntil: now - 1, host: 'other.example' })
    await queue.enqueue([...jobFixtures(3, now), impatient])
    await harness.pass(1)
    await queue.claim(request())
    expect(await queue.depth()).toEqual({ waiting: 2, leased: 1, dead: 1 })
  })

  test('the identity is the same for all clients, until the queue has lost its memory', async () => {
    const { harness, clients, queue, now, request, claimAll } = await open()
    const before = await queue.identity()
    await queue.enqueue([jobFixture(1, now)])
    expect(await Promise.all(clients.map((client) => client.identity()))).toEqual(clients.map(() => before))
    await harness.loseMemory()
    const after = await eventually(harness, { what: 'a new identity', stepMs: 50 }, async () => {
      const identity = await queue.identity()
      return identity === before ? undefined : identity
    })
    expect(await clients[2]?.identity()).toBe(after)
    expect(await queue.holds(['order-1:1'])).toEqual([false])
    expect((await queue.claim(request())).leases).toEqual([])
    expect(await queue.enqueue([jobFixture(1, now)])).toEqual(['queued'])
    await claimAll(1)
  })

  test('a lease given before the memory was lost is stale, even when its job has been emitted and leased again', async () => {
    const { harness, queue, now, claimAll } = await open()
    await queue.enqueue([jobFixture(1, now)])
    const [old] = await claimAll(1)
    await harness.loseMemory()
    await queue.enqueue([jobFixture(1, now)])
    const [renewed] = await claimAll(1)
    expect(await queue.ack([{ token: old?.token ?? '' }])).toEqual(['stale'])
    expect(await queue.ack([{ token: renewed?.token ?? '' }])).toEqual(['done'])
  })

  test('listeners hear of a job enqueued elsewhere, and no more once they have stopped', async () => {
    const { harness, clients, queue, now, tickMs } = await open()
    let [heard, heardAfterwards] = [0, 0]
    const stopFirst = clients[1]?.onClaimable(() => (heard += 1))
    clients[2]?.onClaimable(() => (heardAfterwards += 1))
    let rep = 0
    // A hint can be lost, so one job may not be enough.
    const nudge = async (awaited: string, heardEnough: () => boolean) =>
      eventually(harness, { what: awaited, stepMs: tickMs }, async () => {
        await queue.enqueue([jobFixture((rep += 1), now)])
        await harness.pass(tickMs / 10)
        return heardEnough() ? true : undefined
      })
    await nudge('a hint for both', () => heard > 0 && heardAfterwards > 0)
    stopFirst?.()
    await harness.pass(tickMs)
    const [heardSoFar, target] = [heard, heardAfterwards + 3]
    await nudge('hints for the one that still listens', () => heardAfterwards >= target)
    expect(heard).toBe(heardSoFar)
  })

  test('listeners hear when the pause of a host is over', async () => {
    const { harness, queue, clients, now, tickMs, claimAll, request } = await open()
    await queue.enqueue(jobFixtures(30, now, { host: 'one.example', hostGapMs: tickMs }))
    await claimAll(1)
    await harness.pass(0)
    let heard = 0
    clients[1]?.onClaimable(() => (heard += 1))
    await eventually(harness, { what: 'a hint by time alone', stepMs: tickMs, rounds: 25 }, async () => {
      if (heard > 0) return true
      await queue.claim(request())
      return undefined
    })
  })
}

import type { HostNews, Lease } from '@quarry/messaging-port'
import { MOST_REQUESTS_OF_A_JOB } from '@quarry/domain'
import { expect, test } from 'vitest'
import type { JobQueueBench, OpenBench } from './job-queue-bench.ts'
import { jobFixture, jobFixtures } from './job-fixture.ts'
import { claimedAt } from './job-queue-bench.ts'
import { eventually } from './waiting.ts'

const HOST = 'one.example'

/** Politeness towards hosts. */
export function hostCases(open: OpenBench): void {
  test('without a gap, a host’s jobs go out together', async () => {
    const { queue, now, request } = await open()
    await queue.enqueue(jobFixtures(20, now, { host: HOST, hostGapMs: 0 }))
    expect((await queue.claim(request({ max: 20 }))).leases).toHaveLength(20)
  })

  test('one claim takes one job of a host that has a gap, and goes on with other hosts', async () => {
    const { queue, now, request, tickMs } = await open()
    const polite = jobFixtures(5, now, { host: HOST, hostGapMs: 100 * tickMs, priceCoins: 5 })
    await queue.enqueue([...polite, jobFixture(10, now)])
    const { leases, nextReadyAt } = await queue.claim(request({ max: 9 }))
    expect(leases.map((lease) => lease.job.rep)).toEqual([0, 10])
    expect(nextReadyAt).toBeGreaterThan(now)
  })

  test('a host’s gap holds across all claimers', async () => {
    const { harness, clients, queue, now, request, tickMs } = await open()
    await queue.enqueue(jobFixtures(6, now, { host: HOST, hostGapMs: tickMs }))
    const leases: Lease[] = []
    await eventually(harness, { what: 'six leases', stepMs: tickMs / 4 }, async () => {
      const claims = await Promise.all(clients.map((client) => client.claim(request({ max: 6 }))))
      leases.push(...claims.flatMap((claim) => claim.leases))
      return leases.length >= 6 ? true : undefined
    })
    expect(shortestGap(leases)).toBeGreaterThanOrEqual(tickMs)
  })

  test('a finished attempt does not shorten the gap, nor does a job handed back', async () => {
    const { harness, queue, now, tickMs, claimAll } = await open()
    await queue.enqueue(jobFixtures(3, now, { host: HOST, hostGapMs: 2 * tickMs }))
    const [first] = await claimAll(1)
    await queue.ack([{ token: first?.token ?? '' }])
    const [second] = await claimAll(1)
    await queue.release([{ token: second?.token ?? '', notBefore: await harness.now(), attempted: false }])
    const [third] = await claimAll(1)
    expect(shortestGap(defined([first, second, third]))).toBeGreaterThanOrEqual(2 * tickMs)
  })

  test('the gap outlives the last job of its host', async () => {
    const { queue, now, tickMs, claimAll } = await open()
    await queue.enqueue([jobFixture(1, now, { host: HOST, hostGapMs: 3 * tickMs })])
    const [first] = await claimAll(1)
    await queue.ack([{ token: first?.token ?? '' }])
    await queue.enqueue([jobFixture(2, now, { host: HOST, hostGapMs: 3 * tickMs })])
    const [second] = await claimAll(1)
    expect(shortestGap(defined([first, second]))).toBeGreaterThanOrEqual(3 * tickMs)
  })

  test('Retry-After pauses the host for everyone', async () => {
    const bench = await open()
    const { queue, tickMs } = bench
    const notBefore = (await bench.harness.now()) + 3 * tickMs
    const [, next] = await afterNews(bench, 0, { notBefore })
    expect(next && claimedAt(next)).toBeGreaterThanOrEqual(notBefore)
    expect((await queue.depth()).waiting).toBe(0)
  })

  test('a crawl delay stretches the gap, from the claim that learnt it on', async () => {
    const bench = await open()
    const leases = await afterNews(bench, bench.tickMs, { crawlDelayMs: 3 * bench.tickMs })
    expect(shortestGap(leases)).toBeGreaterThanOrEqual(3 * bench.tickMs)
  })

  test('a crawl delay does not shorten the gap', async () => {
    const bench = await open()
    const leases = await afterNews(bench, 3 * bench.tickMs, { crawlDelayMs: bench.tickMs })
    expect(shortestGap(leases)).toBeGreaterThanOrEqual(3 * bench.tickMs)
  })

  test('a shorter crawl delay does not undo a longer one', async () => {
    const { queue, now, tickMs, claimAll } = await open()
    await queue.enqueue(jobFixtures(3, now, { host: HOST, hostGapMs: 0 }))
    const [first, second] = await claimAll(2, { max: 2 })
    await queue.ack([{ token: first?.token ?? '', host: { crawlDelayMs: 4 * tickMs } }])
    await queue.enqueue([jobFixture(3, now, { host: HOST, hostGapMs: 0 })])
    await queue.ack([{ token: second?.token ?? '', host: { crawlDelayMs: tickMs } }])
    const later = await claimAll(2, { max: 2 })
    expect(shortestGap(later)).toBeGreaterThanOrEqual(4 * tickMs)
  })

  test('a host is busy while a lease may send requests to it, but not for longer', async () => {
    const { harness, clients, queue, now, tickMs, request, claimAll } = await open()
    await queue.enqueue(jobFixtures(2, now, { host: HOST, hostGapMs: tickMs }))
    const [first] = await claimAll(1)
    await harness.pass(2 * tickMs)
    const early = await clients[1]?.claim(request())
    const claimed = claimedAt(first as Lease)
    expect(early?.leases).toEqual([])
    expect(early?.nextReadyAt).toBe(claimed + MOST_REQUESTS_OF_A_JOB * tickMs)
    const second = await claimAll(1)
    expect(shortestGap(defined([first, ...second]))).toBeGreaterThanOrEqual(MOST_REQUESTS_OF_A_JOB * tickMs)
  })

  test('after further requests of an attempt the host rests a gap from its end', async () => {
    const { harness, queue, now, tickMs, claimAll } = await open()
    await queue.enqueue(jobFixtures(2, now, { host: HOST, hostGapMs: 2 * tickMs }))
    const [first] = await claimAll(1)
    await harness.pass(2.5 * tickMs)
    const endedAt = await harness.now()
    await queue.ack([{ token: first?.token ?? '', host: { extraRequests: 1 } }])
    const [second] = await claimAll(1)
    expect(second && claimedAt(second)).toBeGreaterThanOrEqual(endedAt + 2 * tickMs)
    expect(second && claimedAt(second)).toBeLessThan(claimedAt(first as Lease) + 12 * tickMs)
  })

  test('a lease that ends late shortens no later lease’s hold on the host', async () => {
    const { queue, now, tickMs, claimAll } = await open()
    await queue.enqueue(jobFixtures(3, now, { host: HOST, hostGapMs: tickMs }))
    const [first] = await claimAll(1)
    const [second] = await claimAll(1)
    await queue.ack([{ token: first?.token ?? '' }])
    const [third] = await claimAll(1)
    expect(shortestGap(defined([second, third]))).toBeGreaterThanOrEqual(MOST_REQUESTS_OF_A_JOB * tickMs)
  })

  test('news of a release are heard as those of an acknowledgement', async () => {
    const { harness, queue, now, tickMs, claimAll } = await open()
    await queue.enqueue(jobFixtures(2, now, { host: HOST }))
    const [first] = await claimAll(1)
    const notBefore = (await harness.now()) + 3 * tickMs
    await queue.enqueue([jobFixture(7, now, { host: HOST, priceCoins: 9 })])
    const release = { token: first?.token ?? '', notBefore: now, attempted: true, host: { notBefore } }
    expect(await queue.release([release])).toEqual(['done'])
    const later = await claimAll(3, { max: 3 })
    for (const lease of later) expect(claimedAt(lease)).toBeGreaterThanOrEqual(notBefore)
  })

  test('news that come with a stale token are not heard', async () => {
    const { harness, queue, now, tickMs, claimAll, request } = await open()
    await queue.enqueue([jobFixture(1, now, { host: HOST })])
    const [expired] = await claimAll(1, { leaseMs: tickMs })
    await harness.pass(2 * tickMs)
    const host = { notBefore: now + 1_000 * tickMs, crawlDelayMs: 1_000 * tickMs, extraRequests: 1_000 }
    expect(await queue.ack([{ token: expired?.token ?? '', host }])).toEqual(['stale'])
    await queue.reap(request())
    expect((await queue.claim(request())).leases).toHaveLength(1)
  })
}

/** The first job's attempt brings the news; then the two that follow on its host are claimed. */
async function afterNews(bench: JobQueueBench, hostGapMs: number, news: HostNews): Promise<Lease[]> {
  const { queue, now, claimAll } = bench
  await queue.enqueue([jobFixture(1, now, { host: HOST, hostGapMs })])
  const first = await claimAll(1)
  await queue.enqueue([jobFixture(2, now, { host: HOST, hostGapMs })])
  await queue.ack([{ token: first[0]?.token ?? '', host: news }])
  return [...first, ...(await claimAll(1))]
}

function shortestGap(leases: readonly Lease[]): number {
  const times = leases.map((lease) => claimedAt(lease)).sort((a, b) => a - b)
  return Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? -Infinity)))
}

function defined<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}

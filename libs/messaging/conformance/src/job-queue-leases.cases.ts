import type { Lease } from '@quarry/messaging-port'
import { expect, test } from 'vitest'
import type { OpenBench } from './job-queue-bench.ts'
import { jobFixture, jobFixtures } from './job-fixture.ts'
import { claimedAt } from './job-queue-bench.ts'
import { eventually, LONG_MS } from './waiting.ts'

/** Claiming, and what becomes of a lease. */
export function leaseCases(open: OpenBench): void {
  test('a first lease says what was asked for', async () => {
    const { harness, queue, now, request } = await open()
    const job = jobFixture(1, now)
    await queue.enqueue([job])
    const before = await harness.now()
    const [lease] = (await queue.claim(request())).leases
    const after = await harness.now()
    expect(lease).toMatchObject({ job, attempt: 1, triedBy: [] })
    expect(lease?.token).toMatch(/^server-1:.+/)
    expect(lease?.expiresAt).toBeGreaterThanOrEqual(before + LONG_MS)
    expect(lease?.expiresAt).toBeLessThanOrEqual(after + LONG_MS)
  })

  test('of many claimers at once, each job goes to exactly one', async () => {
    const { harness, clients, queue, now, request } = await open()
    await queue.enqueue(jobFixtures(100, now))
    const leases: Lease[] = []
    await eventually(harness, { what: 'all jobs leased', stepMs: 1 }, async () => {
      const claims = await Promise.all(
        [...clients, ...clients].map((client, index) => client.claim(request({ server: `server-${index}`, max: 7 }))),
      )
      leases.push(...claims.flatMap((claim) => claim.leases))
      return leases.length >= 100 ? true : undefined
    })
    expect(leases).toHaveLength(100)
    expect(new Set(leases.map((lease) => lease.job.jobId)).size).toBe(100)
    expect(new Set(leases.map((lease) => lease.token)).size).toBe(100)
    expect((await queue.claim(request({ max: 10 }))).leases).toEqual([])
  })

  test('dearer and earlier jobs are served first, equals as they came', async () => {
    const { queue, now, request } = await open()
    await queue.enqueue([
      jobFixture(1, now),
      jobFixture(2, now),
      jobFixture(3, now, { priceCoins: 3 }),
      jobFixture(4, now, { dueAt: now - 30_000 }),
      jobFixture(5, now, { priceCoins: 2, dueAt: now - 30_000 }),
    ])
    const served = await queue.claim(request({ max: 9 }))
    expect(served.leases.map((lease) => lease.job.rep)).toEqual([3, 5, 4, 1, 2])
  })

  test('an acknowledged lease is over: nothing can be done with it any more', async () => {
    const { queue, now, claimAll, harness } = await open()
    await queue.enqueue([jobFixture(1, now)])
    const token = (await claimAll(1))[0]?.token ?? ''
    expect(await queue.ack([{ token }])).toEqual(['done'])
    expect(await queue.ack([{ token }])).toEqual(['stale'])
    expect(await queue.extend([token], LONG_MS)).toEqual(['stale'])
    expect(await queue.release([{ token, notBefore: await harness.now(), attempted: true }])).toEqual(['stale'])
    expect(await queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
  })

  test('a batch of verdicts is given index by index', async () => {
    const { queue, now, claimAll, harness } = await open()
    await queue.enqueue(jobFixtures(4, now))
    const tokens = (await claimAll(4, { max: 4 })).map((lease) => lease.token)
    await queue.ack([{ token: tokens[1] ?? '' }])
    expect(await queue.extend([...tokens, 'server-1:never'], LONG_MS)).toEqual([
      'done',
      'stale',
      'done',
      'done',
      'stale',
    ])
    const [first, second, third, fourth] = tokens.map((token) => ({ token }))
    expect(await queue.ack([first, second, first].filter((each) => each !== undefined))).toEqual([
      'done',
      'stale',
      'stale',
    ])
    const releases = [second, third, third, fourth].filter((each) => each !== undefined)
    const notBefore = await harness.now()
    expect(await queue.release(releases.map((each) => ({ ...each, notBefore, attempted: false })))).toEqual([
      'stale',
      'done',
      'stale',
      'done',
    ])
    expect((await queue.depth()).waiting).toBe(2)
  })

  test('an expired lease is refused, and its job is another’s after a reap', async () => {
    const { harness, queue, clients, now, tickMs, claimAll } = await open()
    await queue.enqueue([jobFixture(1, now)])
    const [expired] = await claimAll(1, { leaseMs: tickMs })
    await harness.pass(2 * tickMs)
    const token = expired?.token ?? ''
    expect(await queue.extend([token], LONG_MS)).toEqual(['stale'])
    expect(await queue.ack([{ token }])).toEqual(['stale'])
    expect(await clients[1]?.reap({ server: 'server-2', max: 9, leaseMs: LONG_MS })).toEqual([])
    const [next] = await claimAll(1, { server: 'server-3' })
    expect(next).toMatchObject({ attempt: 2, triedBy: [] })
    const release = { token, notBefore: now, attempted: true }
    expect(await queue.release([release])).toEqual(['stale'])
    expect(await queue.ack([{ token }])).toEqual(['stale'])
    expect(await clients[2]?.ack([{ token: next?.token ?? '' }])).toEqual(['done'])
  })

  test('an extended lease lasts, from the extension on', async () => {
    const { harness, queue, now, tickMs, claimAll, request } = await open()
    await queue.enqueue([jobFixture(1, now)])
    const [lease] = await claimAll(1, { leaseMs: 8 * tickMs })
    expect(await queue.extend([lease?.token ?? ''], LONG_MS)).toEqual(['done'])
    await harness.pass(9 * tickMs)
    expect(await queue.reap(request({ max: 9 }))).toEqual([])
    expect((await queue.claim(request())).leases).toEqual([])
    expect(await queue.ack([{ token: lease?.token ?? '' }])).toEqual(['done'])
  })

  test('a job handed back untouched is as it was, and its old token is stale', async () => {
    const { harness, queue, now, claimAll } = await open()
    await queue.enqueue([jobFixture(1, now)])
    const [untouched] = await claimAll(1)
    const release = { token: untouched?.token ?? '', notBefore: await harness.now(), attempted: false, by: 'device-1' }
    expect(await queue.release([release])).toEqual(['done'])
    expect(await queue.release([release])).toEqual(['stale'])
    const [next] = await claimAll(1)
    expect(next).toMatchObject({ attempt: 1, triedBy: [] })
    expect(next?.token).not.toBe(untouched?.token)
    expect(await queue.ack([{ token: untouched?.token ?? '' }])).toEqual(['stale'])
  })

  test('a tried job comes back no earlier than it was told to, and says who tried', async () => {
    const { harness, queue, now, tickMs, claimAll, request } = await open()
    await queue.enqueue([jobFixture(1, now)])
    const [first] = await claimAll(1)
    const notBefore = (await harness.now()) + 2 * tickMs
    await queue.release([{ token: first?.token ?? '', notBefore, attempted: true, by: 'device-1' }])
    expect((await queue.depth()).waiting).toBe(1)
    const early = await queue.claim(request())
    expect(early.leases).toEqual([])
    expect(early.nextReadyAt).toBeDefined()
    const [second] = await claimAll(1)
    expect(second).toMatchObject({ attempt: 2, triedBy: ['device-1'] })
    expect(second && claimedAt(second)).toBeGreaterThanOrEqual(notBefore)
  })
}

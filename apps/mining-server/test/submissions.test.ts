import { MAX_BODY_BYTES, type Submission } from '@quarry/contracts'
import { aJob } from '@quarry/testkit'
import { zstdCompressSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { toIncoming } from '../src/socket/incoming-submissions.ts'
import { AcceptSubmissions } from '../src/application/accept-submissions.ts'
import { AssembleBodies, AssemblySpace } from '../src/application/assemble-bodies.ts'
import { VerifyBodies } from '../src/application/verify-bodies.ts'
import { aFailure, aMiner, aPage, LEASE_MS, MiningStage, type TestMiner } from './mining-stage.ts'

let stage: MiningStage
let miner: TestMiner
beforeEach(async () => {
  stage = await new MiningStage().open()
  miner = aMiner({ capacity: 10 })
  await stage.serve.join(miner, new Set())
})

async function assigned() {
  await stage.enqueue(aJob())
  return miner.got[0]!
}

test('a page is stored with the job and the miner as the server knows them, then acknowledged, then paid for', async () => {
  const job = await assigned()
  await stage.clock.advance(300)
  const page = aPage(job)
  const lie = { ...page, submission: { ...page.submission!, jobId: 'other:5' as const } }
  expect(await stage.accept.run(miner, [lie])).toEqual(['accepted'])
  const { jobId, orderId, customerId, priceCoins, dueAt, traceparent } = aJob()
  const expected = {
    jobId,
    orderId,
    customerId,
    priceCoins,
    dueAt,
    traceparent,
    attempt: 1,
    miner: { userId: 'miner', deviceId: 'device' },
  }
  expect(stage.stored).toMatchObject([{ v: 1, run: expected, body: Buffer.from('page') }])
  expect(stage.stored[0]!.run.finishedAt - stage.stored[0]!.run.startedAt).toBe(300)
  expect(miner).toMatchObject({ pages: 1, coins: 1, outstanding: 0, judging: 0 })
  expect(await stage.queue.enqueue([aJob()])).toEqual(['known'])
})

describe('a bad result', () => {
  const page = (job: Parameters<typeof aPage>[0]) =>
    aPage(job) as { submission: Extract<Submission, object> } & ReturnType<typeof aPage>
  const withContent = (job: Parameters<typeof aPage>[0], content: object) => {
    const good = page(job)
    const outcome = good.submission.outcome as Extract<Submission['outcome'], { kind: 'page' }>
    return {
      ...good,
      submission: { ...good.submission, outcome: { ...outcome, content: { ...outcome.content, ...content } } },
    }
  }
  test.each<[string, (job: Parameters<typeof aPage>[0]) => ReturnType<typeof aPage>]>([
    ['another hash', (job) => withContent(job, { sha256: 'a'.repeat(64) })],
    ['another size', (job) => withContent(job, { sizeBytes: 5 })],
    ['another stored size', (job) => withContent(job, { storedBytes: 5 })],
    ['another encoding', (job) => withContent(job, { encoding: 'zstd' })],
    ['more than the operator allows', (job) => aPage(job, 'x'.repeat(1_000_001))],
    ['no body', (job) => ({ ...aPage(job), body: undefined })],
    ['429 as a page', (job) => aPage(job, 'page', { status: 429 })],
    ['a reason that only the platform gives', (job) => aFailure(job, { reason: 'missed' })],
    ['lease_expired', (job) => aFailure(job, { reason: 'lease_expired' })],
    ['patience_over', (job) => aFailure(job, { reason: 'patience_over' })],
    ['an envelope that broke the contract', ({ token }) => ({ token, submission: undefined, body: undefined })],
  ])('pays nobody: %s', async (_, make) => {
    const job = await assigned()
    expect(await stage.accept.run(miner, [make(job)])).toEqual(['invalid'])
    expect(stage.stored).toEqual([])
    expect(miner).toMatchObject({ pages: 0, coins: 0, outstanding: 0, judging: 0 })
    stage.dispatch.capacityChanged(miner)
    await stage.clock.advance(1000)
    expect(miner.got.at(-1)).toMatchObject({ jobId: job.jobId, attempt: 2 })
    for (const attempt of [2, 3]) {
      await stage.accept.run(miner, [make(miner.got.at(-1)!)])
      stage.dispatch.capacityChanged(miner)
      if (attempt < 3) await stage.clock.advance(4000)
    }
    expect(stage.stored).toHaveLength(1)
    expect(stage.stored[0]!.run.outcome).toMatchObject({ kind: 'failure', reason: 'bad_result', fault: 'miner' })
    expect(stage.stored[0]!.body).toBeUndefined()
  })

  test('spoils no other of its batch', async () => {
    await stage.enqueue(...[0, 1, 2].map((rep) => aJob({ rep, host: `h${rep}.example` })))
    const [a, b, c] = miner.got as [(typeof miner.got)[0], (typeof miner.got)[0], (typeof miner.got)[0]]
    const verdicts = await stage.accept.run(miner, [
      aPage(a),
      { token: b.token, submission: undefined, body: undefined },
      aPage(c, 'more'),
    ])
    expect(verdicts).toEqual(['accepted', 'invalid', 'accepted'])
    expect(stage.stored).toHaveLength(2)
  })

  test('the fault is the rule’s, whatever the miner says', async () => {
    const job = await assigned()
    await stage.accept.run(miner, [aFailure(job, { reason: 'too_large', fault: 'platform' })])
    expect(stage.stored[0]!.run.outcome).toMatchObject({ reason: 'too_large', fault: 'target' })
  })
})

describe('tokens', () => {
  test('of others, made up, or used before change nothing', async () => {
    const job = await assigned()
    const other = aMiner({ userId: 'other', deviceId: 'other' })
    expect(await stage.accept.run(other, [aPage(job)])).toEqual(['stale'])
    expect(await stage.accept.run(miner, [aPage({ ...job, token: 'made-up' })])).toEqual(['stale'])
    expect(await stage.accept.run(miner, [aPage(job)])).toEqual(['accepted'])
    expect(await stage.accept.run(miner, [aPage(job), aFailure(job)])).toEqual(['stale', 'stale'])
    expect(stage.stored).toHaveLength(1)
    expect(miner.coins).toBe(1)
  })

  test('sent twice while the first is stored give one result, one verdict, one payment', async () => {
    const job = await assigned()
    stage.pauseStoring()
    const first = stage.accept.run(miner, [aPage(job), aPage(job)])
    await stage.settle()
    const again = stage.accept.run(miner, [aPage(job)])
    await stage.settle()
    await stage.resumeStoring()
    expect(await first).toEqual(['accepted', 'accepted'])
    expect(await again).toEqual(['accepted'])
    expect(stage.stored).toHaveLength(1)
    expect(miner).toMatchObject({ pages: 1, coins: 1, outstanding: 0, judging: 0 })
  })

  test('of a lease that ended while the process slept are refused by the queue', async () => {
    const job = await assigned()
    await stage.clock.advance(LEASE_MS + 60_000)
    expect(await stage.accept.run(miner, [aPage(job)])).toEqual(['stale'])
    expect(stage.stored).toEqual([])
    expect(stage.held.size).toBe(0)
  })
})

describe('while results cannot be stored', () => {
  test('the lease lasts, however long it takes, and nobody else gets the job', async () => {
    const job = await assigned()
    stage.pauseStoring()
    const verdict = stage.accept.run(miner, [aPage(job)])
    for (let second = 0; second < 200; second++) await stage.round()
    expect(await stage.queue.depth()).toEqual({ waiting: 0, leased: 1, dead: 0 })
    await stage.resumeStoring()
    expect(await verdict).toEqual(['accepted'])
    expect(stage.stored).toHaveLength(1)
    expect(miner.coins).toBe(1)
  })

  test('`later` leaves the lease as it is, and the same result is taken the next time', async () => {
    const job = await assigned()
    stage.queue.ack = () => Promise.reject(new Error('no connection'))
    expect(await stage.accept.run(miner, [aPage(job)])).toEqual(['later'])
    expect(stage.errors).toHaveLength(1)
    Reflect.deleteProperty(stage.queue, 'ack')
    expect(await stage.accept.run(miner, [aPage(job)])).toEqual(['accepted'])
    expect(stage.stored.map(({ run }) => run.jobId)).toEqual([job.jobId, job.jobId])
    expect(miner.coins).toBe(1)
    expect(await stage.queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
  })

  test('one that the queue would not release is `later` too, and delivers on the next try', async () => {
    const job = await assigned()
    stage.queue.release = () => Promise.reject(new Error('no connection'))
    expect(await stage.accept.run(miner, [aFailure(job)])).toEqual(['later'])
    Reflect.deleteProperty(stage.queue, 'release')
    expect(await stage.accept.run(miner, [aFailure(job)])).toEqual(['accepted'])
    expect(await stage.queue.depth()).toMatchObject({ waiting: 1, leased: 0 })
  })

  test('bodies beyond the memory’s bound stay with their miners', async () => {
    const { queue, bus, clock, held } = stage
    const verify = new VerifyBodies(MAX_BODY_BYTES)
    const accept = new AcceptSubmissions(
      { queue, bus, clock, held, verify, onError: () => undefined },
      { leaseMs: LEASE_MS, maxBytesInHand: 10 },
    )
    await stage.enqueue(aJob({ rep: 0, host: 'a.example' }), aJob({ rep: 1, host: 'b.example' }))
    stage.pauseStoring()
    const first = accept.run(miner, [aPage(miner.got[0]!, '8 bytes.')])
    await stage.settle()
    expect(await accept.run(miner, [aPage(miner.got[1]!, '8 bytes.')])).toEqual(['later'])
    await stage.resumeStoring()
    expect(await first).toEqual(['accepted'])
    expect(await accept.run(miner, [aPage(miner.got[1]!, '8 bytes.')])).toEqual(['accepted'])
  })
})

describe('news of the host', () => {
  test('a crawl delay stretches the gap for the host’s next job', async () => {
    await stage.enqueue(aJob({ rep: 0, hostGapMs: 1000 }), aJob({ rep: 1, hostGapMs: 1000 }))
    const page = aPage(miner.got[0]!)
    await stage.accept.run(miner, [
      { ...page, submission: { ...page.submission!, host: { crawlDelayMs: 5000, extraRequests: 0 } } },
    ])
    await stage.clock.advance(4999)
    expect(miner.got).toHaveLength(1)
    await stage.clock.advance(1)
    expect(miner.got).toHaveLength(2)
  })

  test('a miner cannot shut a host for longer than an hour', async () => {
    const patienceUntil = stage.clock.now() + 1e9
    await stage.enqueue(aJob({ rep: 0, patienceUntil }))
    await stage.accept.run(miner, [
      aFailure(miner.got[0]!, { reason: 'rate_limited', retryAfterMs: Number.MAX_SAFE_INTEGER }),
    ])
    await stage.enqueue(aJob({ rep: 1, patienceUntil }))
    await stage.clock.advance(3_600_000)
    expect(miner.got.map(({ jobId }) => jobId)).toContain('o1:1')
  })
})

describe('VerifyBodies', () => {
  test('bytes that were right once are not right under another envelope', async () => {
    const verify = new VerifyBodies(MAX_BODY_BYTES)
    const text = Buffer.from('a page that compresses well '.repeat(50))
    const bytes = zstdCompressSync(text)
    const { submission } = aPage({ jobId: 'o:1', token: 't' } as never, text.toString())
    const { content } = submission!.outcome as Extract<Submission['outcome'], { kind: 'page' }>
    const right = { ...content, encoding: 'zstd', storedBytes: bytes.byteLength } as const
    expect(await verify.run(bytes, right)).toBe(true)
    expect(await verify.run(bytes, right)).toBe(true)
    expect(await verify.run(bytes, { ...right, encoding: 'identity' })).toBe(false)
    expect(await verify.run(bytes, { ...right, sizeBytes: right.sizeBytes + 1 })).toBe(false)
    expect(await verify.run(bytes.subarray(1), right)).toBe(false)
    expect(await verify.run(bytes, { ...right, sizeBytes: MAX_BODY_BYTES + 1 })).toBe(false)
  })
})

describe('envelopes and their bodies', () => {
  const assembly = () => new AssembleBodies(new AssemblySpace())
  const job = (token: string) => ({ jobId: 'o1:0', token }) as never

  test('one that breaks the contract leaves the others their bodies', () => {
    const [good, bad, last] = [aPage(job('a'), 'first'), aPage(job('b'), 'broken'), aPage(job('c'), 'third')]
    const broken = { ...bad.submission!, jobId: 'no job id' }
    const incoming = toIncoming([good.submission, broken, last.submission], Buffer.from('firstbrokenthird'), assembly())
    expect(incoming.map(({ token, body }) => [token, body && String(Buffer.from(body))])).toEqual([
      ['a', 'first'],
      ['b', undefined],
      ['c', 'third'],
    ])
    expect(incoming[1]!.submission).toBeUndefined()
  })

  test('sizes that do not add up leave nobody a body', () => {
    const incoming = toIncoming([aPage(job('a'), 'first').submission], Buffer.from('firs'), assembly())
    expect(incoming[0]!.body).toBeUndefined()
  })

  test.each([
    [null],
    [undefined],
    [7],
    ['x'],
    [[]],
    [{ outcome: null }],
    [{ outcome: { kind: 'page', content: null } }],
    [{ token: 5, outcome: { kind: 'page', content: { storedBytes: -1 } } }],
    [{ token: 'a', outcome: { kind: 'page', content: { storedBytes: 1e300 } } }],
  ])('nonsense is no submission: %j', (one) => {
    expect(toIncoming([one], Buffer.alloc(0), assembly())[0]).toMatchObject({ submission: undefined, body: undefined })
  })

  test('chunks make one body; out of order, empty, too large or beyond the bounds they make none', () => {
    const space = new AssemblySpace(1024 * 1024)
    const mine = new AssembleBodies(space)
    const part = Buffer.alloc(256 * 1024, 1)
    expect([0, 1].map((index) => mine.take('a', index, part))).toEqual([true, true])
    expect(mine.finish('a')).toHaveLength(512 * 1024)
    expect(mine.finish('a')).toBeUndefined()
    expect(space.usedBytes).toBe(0)
    expect(mine.take('b', 1, part)).toBe(false)
    expect(mine.take('b', 0, part)).toBe(true)
    expect(mine.take('b', 2, part)).toBe(false)
    expect(mine.finish('b')).toBeUndefined()
    expect(mine.take('c', 0, Buffer.alloc(0))).toBe(false)
    expect(mine.take('c', 0, Buffer.alloc(256 * 1024 + 1))).toBe(false)
    const other = new AssembleBodies(space)
    expect([0, 1, 2].map((index) => mine.take('d', index, part))).toEqual([true, true, true])
    expect([other.take('x', 0, part), other.take('y', 0, part)]).toEqual([true, false])
    mine.dropAll()
    expect(other.take('y', 0, part)).toBe(true)
    other.dropAll()
    expect(space.usedBytes).toBe(0)
  })
})

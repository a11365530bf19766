import { testFetchIdOf } from '@quarry/domain'
import { aJob } from '@quarry/testkit'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { aFailure, aMiner, aPage, LEASE_MS, MiningStage, OVERDUE_MS } from './mining-stage.ts'

let stage: MiningStage
beforeEach(async () => {
  stage = await new MiningStage().open()
})

const jobs = (count: number) => Array.from({ length: count }, (_, rep) => aJob({ rep, host: `host-${rep}.example` }))

describe('handing out', () => {
  test('a job goes out the moment it is queued, with all that the miner needs', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob({ priceCoins: 3, hostGapMs: 500 }))
    const { url, traceparent, dueAt } = aJob()
    const expected = {
      jobId: 'o1:0',
      attempt: 1,
      url,
      traceparent,
      dueAt,
      priceCoins: 3,
      hostGapMs: 500,
      leaseMs: LEASE_MS,
      maxBodyBytes: 1_000_000,
    }
    expect(miner.got).toEqual([{ ...expected, token: expect.any(String) }])
  })

  test('a test fetch says that it is one and pays nothing, and its customer hears that it is being fetched', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    const heard: unknown[] = []
    stage.live.subscribe('user:customer', (event) => heard.push(event))
    const id = testFetchIdOf('0'.repeat(32))
    await stage.enqueue(aJob({ orderId: id, jobId: `${id}:0`, priceCoins: 0 }))
    expect(miner.got).toMatchObject([{ jobId: `${id}:0`, test: true }])
    expect(miner.got[0]).not.toHaveProperty('priceCoins')
    expect(heard).toEqual([{ kind: 'test-fetch-changed', testId: id, state: 'fetching' }])
    await stage.accept.run(miner, [aPage(miner.got[0]!)])
    expect(stage.stored).toMatchObject([{ run: { priceCoins: 0 } }])
  })

  test('no miner has more jobs than it takes, whatever happens, and counts never drift', async () => {
    const step = fc.record({ what: fc.nat(7), who: fc.nat(2), amount: fc.nat(3) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const stage = await new MiningStage().open()
        const miners = ['a', 'b', 'c'].map((deviceId) => aMiner({ deviceId, connected: false }))
        let rep = 0
        for (const { what, who, amount } of steps) {
          const miner = miners[who]!
          const open = miner.got.filter(({ token }) => stage.held.find(token, miner)?.answered === false)
          if (what === 0)
            await stage.enqueue(...Array.from({ length: amount }, () => aJob({ rep: rep++, host: `h${rep}.example` })))
          if (what === 1 && miner.connected) stage.serve.leave(miner)
          if (what === 2 && !miner.connected) {
            const back = aMiner({ deviceId: miner.deviceId, capacity: miner.capacity, got: miner.got })
            miners[who] = back
            await stage.serve.join(back, new Set(open.slice(0, amount).map(({ token }) => token)))
          }
          if (what === 3 && miner.connected) stage.serve.changeCapacity(miner, amount)
          if (what === 4 && miner.connected)
            await stage.accept.run(
              miner,
              open.slice(0, amount).map((one) => aPage(one)),
            )
          if (what === 5 && miner.connected)
            await stage.accept.run(
              miner,
              open.slice(0, amount).map((one) => aFailure(one)),
            )
          if (what === 6 && miner.connected)
            await stage.serve.handBack(
              miner,
              open.slice(0, amount).map(({ token }) => token),
            )
          if (what === 7) await stage.round(amount * 15_000)
          await stage.settle()
          for (const one of miners.filter(({ connected }) => connected)) {
            const mine = stage.held.all().filter(({ session, answered }) => session === one && !answered).length
            expect(one.outstanding).toBe(mine)
          }
        }
        expect(stage.errors).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('capacity is never exceeded', async () => {
    const miner = aMiner({ capacity: 3 })
    await stage.serve.join(miner, new Set())
    await stage.enqueue(...jobs(10))
    expect(miner.got).toHaveLength(3)
    await stage.accept.run(miner, [aPage(miner.got[0]!)])
    stage.dispatch.capacityChanged(miner)
    await stage.settle()
    expect(miner.got).toHaveLength(4)
    stage.serve.changeCapacity(miner, 0)
    await stage.accept.run(miner, [aPage(miner.got[1]!)])
    stage.dispatch.capacityChanged(miner)
    await stage.settle()
    expect(miner.got).toHaveLength(4)
  })

  test('miners are served in turn', async () => {
    const miners = ['a', 'b', 'c'].map((deviceId) => aMiner({ deviceId, capacity: 100 }))
    for (const miner of miners) await stage.serve.join(miner, new Set())
    await stage.enqueue(...jobs(30))
    expect(miners.map(({ got }) => got.length)).toEqual([10, 10, 10])
  })

  test('a miner that has left gets nothing, even when its hand-back was still on its way', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    const back = stage.serve.handBack(miner, [miner.got[0]!.token])
    stage.serve.leave(miner)
    await back
    stage.dispatch.capacityChanged(miner)
    await stage.clock.advance(5000)
    expect(miner.got).toHaveLength(1)
    expect(await stage.queue.depth()).toMatchObject({ waiting: 1 })
  })

  test('a miner whose results cannot be stored gets no more jobs for a while', async () => {
    const miner = aMiner({ capacity: 100 })
    await stage.serve.join(miner, new Set())
    stage.pauseStoring()
    await stage.enqueue(...jobs(1000))
    for (let at = 0; at < miner.got.length; at = miner.got.length) {
      for (const one of miner.got.slice(at)) void stage.accept.run(miner, [aPage(one)])
      stage.dispatch.capacityChanged(miner)
      await stage.settle()
      if (miner.got.length > 900) break
    }
    expect(miner.judging).toBeLessThanOrEqual(300)
    expect(miner.got.length).toBeLessThan(400)
  })
})

describe('a retry', () => {
  test('goes to another device when there is one, after a rest', async () => {
    // The first one has a free slot too, and its turn comes before the other's.
    const [first, other] = [aMiner({ deviceId: 'a', capacity: 2 }), aMiner({ deviceId: 'b' })]
    await stage.serve.join(first, new Set())
    await stage.enqueue(aJob())
    await stage.serve.join(other, new Set())
    expect(await stage.accept.run(first, [aFailure(first.got[0]!)])).toEqual(['accepted'])
    stage.dispatch.capacityChanged(first)
    await stage.clock.advance(999)
    expect(other.got).toEqual([])
    await stage.clock.advance(1)
    expect(other.got).toMatchObject([{ jobId: 'o1:0', attempt: 2 }])
    expect(first.got).toHaveLength(1)
  })

  test('goes to the same device when there is no other; the last attempt is delivered as it is', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    for (const wait of [1000, 4000]) {
      await stage.accept.run(miner, [aFailure(miner.got.at(-1)!)])
      stage.dispatch.capacityChanged(miner)
      expect(stage.stored).toEqual([])
      await stage.clock.advance(wait)
    }
    expect(miner.got.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(await stage.accept.run(miner, [aFailure(miner.got[2]!)])).toEqual(['accepted'])
    expect(stage.stored).toMatchObject([
      { run: { attempt: 3, outcome: { kind: 'failure', reason: 'server_error', fault: 'target' } } },
    ])
    expect(await stage.queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
    expect(miner.coins).toBe(0)
  })

  test('honours Retry-After within the patience, for every job of the host; beyond it the failure is delivered', async () => {
    const miner = aMiner({ capacity: 5 })
    const patienceUntil = stage.clock.now() + 600_000
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob({ rep: 0, patienceUntil }))
    await stage.accept.run(miner, [
      aFailure(miner.got[0]!, { reason: 'rate_limited', status: 429, retryAfterMs: 60_000 }),
    ])
    stage.dispatch.capacityChanged(miner)
    await stage.enqueue(aJob({ rep: 1, patienceUntil }))
    await stage.clock.advance(59_999)
    expect(miner.got).toHaveLength(1)
    await stage.clock.advance(1)
    expect(miner.got).toHaveLength(3)
    const second = miner.got.find(({ attempt }) => attempt === 2)!
    await stage.accept.run(miner, [aFailure(second, { reason: 'rate_limited', retryAfterMs: 541_000 })])
    expect(stage.stored).toMatchObject([{ run: { rep: 0, outcome: { reason: 'rate_limited' } } }])
  })
})

describe('a miner that does not answer', () => {
  test('loses the job to another one, not to itself, before the lease ends', async () => {
    const [silent, other] = [aMiner({ deviceId: 'a' }), aMiner({ deviceId: 'b', capacity: 0 })]
    await stage.serve.join(silent, new Set())
    await stage.serve.join(other, new Set())
    await stage.enqueue(aJob())
    await stage.round(LEASE_MS - 1)
    expect(await stage.queue.depth()).toMatchObject({ leased: 1 })
    stage.serve.changeCapacity(other, 1)
    await stage.round(1)
    expect(other.got).toMatchObject([{ attempt: 2 }])
    expect(silent.outstanding).toBe(0)
    expect(await stage.accept.run(silent, [aPage(silent.got[0]!)])).toEqual(['stale'])
    expect(stage.stored).toEqual([])
  })

  test('is no reason to wait for the next event: its slot is used again at once', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob(), aJob({ rep: 1, host: 'other.example' }))
    expect(miner.got).toHaveLength(1)
    await stage.round(LEASE_MS)
    expect(miner.got).toHaveLength(2)
  })

  test('three times ends in one failure, whose coins nobody gets', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    for (let round = 0; round < 4; round++) await stage.round(LEASE_MS + OVERDUE_MS)
    expect(stage.stored).toHaveLength(1)
    expect(stage.stored[0]!.run).toMatchObject({ attempt: 3, outcome: { reason: 'lease_expired', fault: 'miner' } })
    expect(stage.stored[0]!.run.miner).toBeUndefined()
    expect(await stage.queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
  })

  test('nor anybody within the patience: one failure says so', async () => {
    await stage.enqueue(aJob({ patienceUntil: stage.clock.now() + 10_000 }))
    await stage.round(10_001)
    await stage.round()
    expect(stage.stored).toHaveLength(1)
    expect(stage.stored[0]!.run).toMatchObject({ attempt: 0, outcome: { reason: 'patience_over', fault: 'platform' } })
  })
})

import { aJob } from '@quarry/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { aMiner, aPage, LEASE_MS, MiningStage, OVERDUE_MS } from './mining-stage.ts'

let stage: MiningStage
beforeEach(async () => {
  stage = await new MiningStage().open()
})

const hosts = (count: number) => Array.from({ length: count }, (_, rep) => aJob({ rep, host: `host-${rep}.example` }))

describe('a miner that comes back', () => {
  test('goes on with what it holds, and the rest goes to somebody else at once', async () => {
    const before = aMiner({ capacity: 2 })
    const other = aMiner({ userId: 'other', capacity: 0 })
    await stage.serve.join(before, new Set())
    await stage.serve.join(other, new Set())
    await stage.enqueue(...hosts(2))
    const [kept, lost] = before.got
    stage.serve.leave(before)
    stage.serve.changeCapacity(other, 1)
    expect(other.got).toEqual([])
    const back = aMiner({ capacity: 2 })
    await stage.serve.join(back, new Set([kept!.token]))
    await stage.settle()
    expect(other.got).toMatchObject([{ jobId: lost!.jobId, attempt: 2 }])
    expect(back.outstanding).toBe(1)
    expect(await stage.accept.run(back, [aPage(kept!)])).toEqual(['accepted'])
    expect(back).toMatchObject({ outstanding: 0, pages: 1, coins: 1 })
  })

  test('is the newer connection and wins, while the older one still seems to stand', async () => {
    const older = aMiner({ capacity: 2 })
    await stage.serve.join(older, new Set())
    await stage.enqueue(...hosts(3))
    const newer = aMiner({ capacity: 2 })
    await stage.serve.join(newer, new Set(older.got.map(({ token }) => token)))
    await stage.settle()
    expect(older).toMatchObject({ ended: true, connected: false })
    expect(newer).toMatchObject({ outstanding: 2, got: [] })
    expect(stage.serve.count).toBe(1)
    stage.serve.leave(older)
    expect(stage.serve.count).toBe(1)
    expect(await stage.accept.run(newer, [aPage(older.got[0]!)])).toEqual(['accepted'])
    stage.dispatch.capacityChanged(newer)
    await stage.settle()
    expect(newer.got).toHaveLength(1)
  })

  test('does not lose the result that is being stored at that moment', async () => {
    const before = aMiner()
    await stage.serve.join(before, new Set())
    await stage.enqueue(aJob())
    stage.pauseStoring()
    const verdict = stage.accept.run(before, [aPage(before.got[0]!)])
    await stage.settle()
    stage.serve.leave(before)
    const back = aMiner()
    await stage.serve.join(back, new Set())
    await stage.settle()
    expect(back.got).toEqual([])
    await stage.resumeStoring()
    expect(await verdict).toEqual(['accepted'])
    expect(stage.stored).toHaveLength(1)
    expect(await stage.queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
  })
})

describe('a stranger with the same device id', () => {
  test('neither takes nor ends the leases of the other, nor its connection', async () => {
    const owner = aMiner({ userId: 'owner' })
    await stage.serve.join(owner, new Set())
    await stage.enqueue(aJob())
    const stranger = aMiner({ userId: 'stranger' })
    await stage.serve.join(stranger, new Set([owner.got[0]!.token]))
    expect(owner).toMatchObject({ ended: false, connected: true, outstanding: 1 })
    expect(stranger.outstanding).toBe(0)
    await stage.serve.handBack(stranger, [owner.got[0]!.token])
    expect(await stage.accept.run(stranger, [aPage(owner.got[0]!)])).toEqual(['stale'])
    stage.serve.leave(stranger)
    expect(await stage.accept.run(owner, [aPage(owner.got[0]!)])).toEqual(['accepted'])
    expect(stage.stored[0]!.run.miner).toEqual({ userId: 'owner', deviceId: 'device' })
    expect(stranger.coins).toBe(0)
  })
})

describe('handing back', () => {
  test('frees the slot once, however often it is said, and counts as no attempt', async () => {
    const miner = aMiner({ capacity: 2 })
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    const { token } = miner.got[0]!
    await Promise.all([1, 2, 3].map(() => stage.serve.handBack(miner, [token, token])))
    expect(miner.outstanding).toBe(0)
    await stage.clock.advance(1000)
    expect(miner.got).toMatchObject([{ attempt: 1 }, { attempt: 1 }])
    expect(miner.outstanding).toBe(1)
  })

  test('who hands everything back turns no hot loop', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    for (let at = 0; at < 1000; at += 10) {
      if (miner.outstanding > 0) await stage.serve.handBack(miner, [miner.got.at(-1)!.token])
      await stage.clock.advance(10)
    }
    expect(miner.got.length).toBeLessThanOrEqual(11)
  })

  test('says nothing about a result that is being stored', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    stage.pauseStoring()
    const verdict = stage.accept.run(miner, [aPage(miner.got[0]!)])
    await stage.settle()
    await stage.serve.handBack(miner, [miner.got[0]!.token])
    await stage.resumeStoring()
    expect(await verdict).toEqual(['accepted'])
    expect(await stage.queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
  })
})

test('what a miner left behind goes to somebody else when it does not come back within ten seconds', async () => {
  const gone = aMiner({ deviceId: 'gone' })
  const other = aMiner({ deviceId: 'other', capacity: 0 })
  await stage.serve.join(gone, new Set())
  await stage.serve.join(other, new Set())
  await stage.enqueue(aJob())
  expect(gone.got).toHaveLength(1)
  stage.serve.leave(gone)
  stage.serve.changeCapacity(other, 1)
  await stage.clock.advance(9_000)
  await stage.serve.endOverdue()
  await stage.clock.advance(0)
  expect(other.got).toHaveLength(0)
  await stage.clock.advance(1_000)
  await stage.serve.endOverdue()
  await stage.clock.advance(10)
  expect(other.got.map(({ attempt }) => attempt)).toEqual([2])
})

describe('draining', () => {
  test('waits for what is in hand, claims nothing new, and hands the rest back untouched', async () => {
    const miner = aMiner({ capacity: 2 })
    const away = aMiner({ deviceId: 'away' })
    await stage.serve.join(miner, new Set())
    await stage.serve.join(away, new Set())
    await stage.enqueue(...hosts(3))
    stage.serve.leave(away)
    let drained = false
    const drain = stage.serve.drain(5000).then(() => (drained = true))
    await stage.clock.advance(100)
    expect(await stage.accept.run(miner, [aPage(miner.got[0]!)])).toEqual(['accepted'])
    stage.dispatch.capacityChanged(miner)
    await stage.enqueue(aJob({ rep: 9, host: 'late.example' }))
    expect(miner.got).toHaveLength(2)
    await stage.clock.advance(4800)
    expect(drained).toBe(false)
    await stage.clock.advance(200)
    await drain
    expect(stage.held.size).toBe(0)
    const next = await stage.queue.claim({ server: 'next', max: 10, leaseMs: 1000 })
    expect(next.leases.map(({ job, attempt }) => [job.rep, attempt])).toEqual([
      [1, 1],
      [2, 1],
      [9, 1],
    ])
  })

  test('waits for a result being stored though its miner is gone, and gives it to nobody else', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    stage.pauseStoring()
    void stage.accept.run(miner, [aPage(miner.got[0]!)])
    await stage.settle()
    stage.serve.leave(miner)
    let drained = false
    const drain = stage.serve.drain(5000).then(() => (drained = true))
    await stage.clock.advance(1000)
    expect(drained).toBe(false)
    await stage.resumeStoring()
    await stage.clock.advance(20)
    await drain
    expect(stage.stored).toHaveLength(1)
    expect(await stage.queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
  })

  test('ends in time though a result is never stored; its lease runs out by itself', async () => {
    const miner = aMiner()
    await stage.serve.join(miner, new Set())
    await stage.enqueue(aJob())
    stage.pauseStoring()
    void stage.accept.run(miner, [aPage(miner.got[0]!)])
    const drain = stage.serve.drain(5000)
    await stage.clock.advance(5020)
    await drain
    expect(await stage.queue.depth()).toMatchObject({ leased: 1 })
    await stage.clock.advance(LEASE_MS + OVERDUE_MS)
    await stage.queue.reap({ server: 'next', max: 1, leaseMs: 1000 })
    expect(await stage.queue.depth()).toMatchObject({ waiting: 1 })
  })
})

import { jobIdOf } from '@quarry/domain'
import type { ResultStore } from '@quarry/storage-port'
import fc from 'fast-check'
import { beforeEach, expect, it } from 'vitest'
import { failedRun, numbers, pageOf, shaOf, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

export function runTests(bench: () => StoreBench<ResultStore>): void {
  let store: ResultStore
  let other: ResultStore
  beforeEach(async () => {
    store = await bench().connect()
    other = await bench().connect()
  })

  it('gives runs and bodies back as they came, to every client', async () => {
    const { miner: _, ...unmanned } = failedRun('o', 1)
    const incoming = [pageOf('o', 0, 'hello'), { run: unmanned }]
    const outcomes = await store.store(incoming, T0)
    expect(outcomes).toEqual(incoming.map(({ run }) => ({ kind: 'stored', run })))
    expect(await other.run('o:0')).toEqual(incoming[0]!.run)
    expect(await other.run('o:1')).toEqual(unmanned)
    const body = await other.body('customer', shaOf('hello'))
    expect(new TextDecoder().decode(body?.bytes)).toBe('hello')
    expect(body?.encoding).toBe('identity')
  })

  it('has nothing of what was never stored', async () => {
    expect(await store.store([], T0)).toEqual([])
    expect(await store.run('o:0')).toBeUndefined()
    expect(await store.runsOf('o', { limit: 5 })).toEqual({ items: [] })
    expect(await store.totals(['o', 'p'])).toEqual([
      { delivered: 0, failed: 0 },
      { delivered: 0, failed: 0 },
    ])
    expect(await store.body('customer', shaOf('x'))).toBeUndefined()
    expect(await store.unsettled('o', 4, 3)).toEqual([0, 1, 2])
  })

  it('keeps the first result of a job and tells every later one which that was', async () => {
    const first = pageOf('o', 0, 'first')
    const second = pageOf('o', 0, 'second', { miner: { userId: 'rival', deviceId: 'd' } })
    expect(await store.store([first, second], T0)).toEqual([
      { kind: 'stored', run: first.run },
      { kind: 'known', run: first.run },
    ])
    expect(await other.store([second, { run: failedRun('o', 0) }], T0 + 1)).toEqual([
      { kind: 'known', run: first.run },
      { kind: 'known', run: first.run },
    ])
    expect(await store.totals(['o'])).toEqual([{ delivered: 1, failed: 0, lastRun: first.run }])
    expect(await store.inbox('customer', { limit: 10 })).toHaveLength(1)
  })

  it('stores one of many racing results of a job, and all are told the same', async () => {
    for (const rep of numbers(5)) {
      const outcomes = await Promise.all(
        numbers(6).map((index) =>
          (index % 2 ? store : other).store([pageOf('o', rep, `by ${index}`, { attempt: index })], T0 + index),
        ),
      )
      expect(outcomes.flat().filter((outcome) => outcome.kind === 'stored')).toHaveLength(1)
      const stored = await store.run(jobIdOf('o', rep))
      for (const outcome of outcomes.flat()) expect(outcome.run).toEqual(stored)
    }
    expect(await store.totals(['o'])).toMatchObject([{ delivered: 5, failed: 0 }])
    expect(await other.inbox('customer', { limit: 50 })).toHaveLength(5)
  })

  it('keeps the body of a winner that races with a loser', async () => {
    await Promise.all([store.store([pageOf('o', 0, 'left')], T0), other.store([pageOf('o', 0, 'right')], T0)])
    const run = (await store.run('o:0'))!
    const content = run.outcome.kind === 'page' ? run.outcome.content.sha256 : ''
    expect(await store.body('customer', content)).toBeDefined()
  })

  it('keeps an unchanged page for each customer', async () => {
    await store.store([pageOf('o', 0, 'same'), pageOf('o', 1, 'same')], T0)
    await other.store([pageOf('p', 0, 'same', { customerId: 'another' })], T0)
    for (const customer of ['customer', 'another']) {
      expect(new TextDecoder().decode((await store.body(customer, shaOf('same')))?.bytes)).toBe('same')
    }
    expect(await store.body('third', shaOf('same'))).toBeUndefined()
  })

  it('keeps an empty body and one of 2 MB', async () => {
    const big = 'x'.repeat(2_000_000)
    await store.store([pageOf('o', 0, ''), pageOf('o', 1, big)], T0)
    expect((await other.body('customer', shaOf('')))?.bytes.length).toBe(0)
    expect((await other.body('customer', shaOf(big)))?.bytes.length).toBe(2_000_000)
  })

  it.each([1, 3, 200])(
    'lists an order’s runs from the newest repetition, %d a page, while more come',
    async (limit) => {
      await store.store(
        [3, 1, 0, 2, 5, 4].map((rep) => ({ run: failedRun('o', rep) })),
        T0,
      )
      await store.store([{ run: failedRun('p', 9) }], T0)
      const reps: number[] = []
      let after: string | undefined
      do {
        const page = await store.runsOf('o', { limit, ...(after === undefined ? {} : { after }) })
        reps.push(...page.items.map((run) => run.rep))
        expect(reps.length, 'a list that never ends').toBeLessThan(100)
        after = page.next
        await store.store([{ run: failedRun('o', 100 + reps.length) }], T0)
      } while (after !== undefined)
      expect(reps).toEqual([5, 4, 3, 2, 1, 0])
    },
  )

  it('begins a page below any repetition, kept or not', async () => {
    const reps = [...numbers(30), ...numbers(30).map((rep) => 600 + rep)]
    await store.store(
      reps.map((rep) => ({ run: failedRun('o', rep) })),
      T0,
    )
    for (const after of [0, 1, 29, 30, 31, 512, 600, 601, 615, 1_000_000]) {
      const page = await other.runsOf('o', { after: String(after), limit: 7 })
      const below = reps.filter((rep) => rep < after).reverse()
      expect(page.items.map((run) => run.rep)).toEqual(below.slice(0, 7))
    }
  })

  it('counts what was delivered and what failed, with the newest repetition’s run', async () => {
    await store.store([pageOf('o', 2, 'x'), { run: failedRun('o', 0) }, pageOf('p', 0, 'y')], T0)
    await other.store([pageOf('o', 1, 'x')], T0)
    expect(await store.totals(['p', 'none', 'o'])).toEqual([
      { delivered: 1, failed: 0, lastRun: pageOf('p', 0, 'y').run },
      { delivered: 0, failed: 0 },
      { delivered: 2, failed: 1, lastRun: pageOf('o', 2, 'x').run },
    ])
  })

  it('finds exactly the repetitions without a run, in whatever order runs come', async () => {
    let round = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 6 }), { maxLength: 8 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 8 }),
        async (batches, below, limit) => {
          const orderId = `u${round++}`
          for (const [index, batch] of batches.entries()) {
            await (index % 2 ? store : other).store(
              batch.map((rep) => ({ run: failedRun(orderId, rep) })),
              T0,
            )
          }
          const present = new Set(batches.flat())
          const missing = numbers(below).filter((rep) => !present.has(rep))
          expect(await store.unsettled(orderId, below, limit)).toEqual(missing.slice(0, limit))
          expect(await store.totals([orderId])).toMatchObject([{ failed: present.size }])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps its answers over thousands of repetitions, with a gap and without', async () => {
    const reps = numbers(1_500).filter((rep) => rep !== 700)
    while (reps.length > 0) {
      const batch = reps.splice(0, 300).map((rep) => ({ run: failedRun('o', rep) }))
      await (reps.length % 600 === 0 ? store : other).store(batch, T0)
    }
    expect(await store.unsettled('o', 1_502, 5)).toEqual([700, 1_500, 1_501])
    expect(await store.totals(['o'])).toMatchObject([{ failed: 1_499, lastRun: { rep: 1_499 } }])
    await store.store([pageOf('o', 700, 'late')], T0)
    expect(await other.unsettled('o', 1_500, 5)).toEqual([])
    const seen: number[] = []
    for (let after: string | undefined; ;) {
      const page = await other.runsOf('o', { limit: 200, ...(after === undefined ? {} : { after }) })
      seen.push(...page.items.map((run) => run.rep))
      after = page.next
      if (after === undefined) break
    }
    expect(seen).toEqual(numbers(1_500).reverse())
    expect(await other.prune(T0 + 1, 1_400)).toBe(1_400)
    expect(await store.unsettled('o', 1_501, 5)).toEqual([1_500])
    expect(await store.totals(['o'])).toMatchObject([{ delivered: 1, failed: 1_499 }])
    expect(await other.prune(T0 + 1, 1_400)).toBe(100)
    expect(await store.runsOf('o', { limit: 200 })).toEqual({ items: [] })
    expect(await store.totals(['o'])).toEqual([{ delivered: 1, failed: 1_499 }])
    expect(await store.store([{ run: failedRun('o', 3) }], T0 + 1)).toMatchObject([{ kind: 'known' }])
  })
}

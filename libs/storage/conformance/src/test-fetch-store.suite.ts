import { testFetchIdOf, TEST_FETCH_KEPT_MS, TEST_FETCH_LOST_MS, type TestFetch } from '@quarry/domain'
import type { TestFetchStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failedRun, numbers, pageOf, T0 } from './sample-data.ts'
import { surviveEveryCrash, type OpenBench, type StoreBench, type StoreCapabilities } from './store-bench.ts'

const limits = { mostAnHour: 5, mostAtOnce: 2 }
let made = 0

function testOf(change: Partial<TestFetch> = {}): TestFetch {
  return {
    id: testFetchIdOf((made++).toString(16).padStart(32, '0')),
    customerId: 'customer',
    url: 'http://shop.example/prices',
    host: 'shop.example',
    createdAt: T0,
    ...change,
  }
}

/** What every `TestFetchStore` promises, checked through several clients of the same data. */
export function testFetchStoreSuite(
  name: string,
  open: OpenBench<TestFetchStore>,
  capabilities: StoreCapabilities,
): void {
  describe(`TestFetchStore on ${name}`, () => {
    let bench: StoreBench<TestFetchStore>
    let store: TestFetchStore
    let other: TestFetchStore
    beforeEach(async () => {
      bench = await open()
      store = await bench.connect()
      other = await bench.connect()
    })
    afterEach(() => bench.close())

    const over = (test: TestFetch) => store.finish({ run: failedRun(test.id, 0) })

    it('gives a test, its outcome and its page back, to every client', async () => {
      const test = testOf()
      expect(await store.find(test.id)).toBeUndefined()
      expect(await store.admit(test, limits)).toEqual({ ok: true, value: test })
      expect(await other.find(test.id)).toEqual({ test })
      expect(await other.body(test.id)).toBeUndefined()
      const page = pageOf(test.id, 0, 'prices')
      expect(await other.finish(page)).toBe(true)
      expect(await store.find(test.id)).toEqual({ test, run: page.run })
      expect(new TextDecoder().decode((await store.body(test.id))?.bytes)).toBe('prices')
    })

    it('keeps the first outcome, and nothing for a test that never was', async () => {
      const test = testOf()
      await store.admit(test, limits)
      const verdicts = await Promise.all(
        ['a', 'b', 'c'].map((text, index) => (index % 2 ? other : store).finish(pageOf(test.id, 0, text))),
      )
      expect(verdicts.filter(Boolean)).toHaveLength(1)
      const winner = ['a', 'b', 'c'][verdicts.indexOf(true)]
      expect(new TextDecoder().decode((await other.body(test.id))?.bytes)).toBe(winner)
      expect(await over(test)).toBe(false)
      expect(await store.finish(pageOf(testOf().id, 0, 'x'))).toBe(false)
    })

    it('keeps an empty page and one of 2 MB', async () => {
      const [empty, big] = [testOf(), testOf()]
      for (const test of [empty, big]) await store.admit(test, limits)
      await store.finish(pageOf(empty.id, 0, ''))
      await other.finish(pageOf(big.id, 0, 'x'.repeat(2_000_000)))
      expect((await other.body(empty.id))?.bytes.length).toBe(0)
      expect((await store.body(big.id))?.bytes.length).toBe(2_000_000)
    })

    it('lets as many run at once as it may, whoever asks, and others when they are over', async () => {
      const tests = numbers(8).map(() => testOf())
      const answers = await Promise.all(tests.map((test, at) => (at % 2 ? other : store).admit(test, limits)))
      const admitted = tests.filter((_, index) => answers[index]!.ok)
      expect(admitted).toHaveLength(2)
      const refused = answers.find((answer) => !answer.ok)
      expect(refused).toMatchObject({ error: { limit: 'at-once', retryAfterMs: TEST_FETCH_LOST_MS } })
      expect((await other.admit(testOf({ customerId: 'another' }), limits)).ok).toBe(true)
      await over(admitted[0]!)
      expect((await other.admit(testOf(), limits)).ok).toBe(true)
      expect((await other.admit(testOf(), limits)).ok).toBe(false)
    })

    it('counts those of the last hour', async () => {
      for (const minute of numbers(limits.mostAnHour)) {
        const test = testOf({ createdAt: T0 + minute * 60_000 })
        expect((await store.admit(test, limits)).ok).toBe(true)
        await over(test)
      }
      const later = testOf({ createdAt: T0 + 600_000 })
      expect(await other.admit(later, limits)).toMatchObject({
        error: { limit: 'an-hour', retryAfterMs: TEST_FETCH_KEPT_MS - 600_000 },
      })
      expect((await other.admit({ ...later, createdAt: T0 + TEST_FETCH_KEPT_MS }, limits)).ok).toBe(true)
    })

    it('lets one in once, however often it is asked for', async () => {
      const test = testOf()
      const answers = await Promise.all(
        numbers(6).map((index) => (index % 2 ? other : store).admit({ ...test, createdAt: T0 + index }, limits)),
      )
      const { test: stored } = (await store.find(test.id))!
      for (const answer of answers) expect(answer).toEqual({ ok: true, value: stored })
      expect((await store.admit(testOf(), limits)).ok).toBe(true)
      expect((await store.admit(testOf(), limits)).ok).toBe(false)
    })

    it('forgets what is old, or leaves it to the store', async () => {
      const [old, young] = [testOf(), testOf({ createdAt: T0 + 1 })]
      for (const test of [old, young]) await store.admit(test, limits)
      const forgotten = await store.forget(T0 + 1, 10)
      expect([0, 1]).toContain(forgotten)
      expect(await other.find(old.id)).toEqual(forgotten === 1 ? undefined : { test: old })
      expect(await other.find(young.id)).toEqual({ test: young })
    })

    describe.runIf(capabilities.crashes)('when clients die', () => {
      it('lets a test in once after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          act: (client, tag) => client.admit(crashTest(tag), { mostAnHour: 1, mostAtOnce: 1 }),
          check: async (client, tag) => {
            expect(await client.find(crashTest(tag).id)).toEqual({ test: crashTest(tag) })
            const another = testOf({ customerId: tag })
            expect((await client.admit(another, { mostAnHour: 1, mostAtOnce: 1 })).ok).toBe(false)
          },
        })
      })

      it('has the page of an outcome after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          prepare: (client, tag) => client.admit(crashTest(tag), limits),
          act: (client, tag) => client.finish(pageOf(crashTest(tag).id, 0, tag)),
          check: async (client, tag) => {
            expect((await client.find(crashTest(tag).id))?.run).toBeDefined()
            expect(new TextDecoder().decode((await client.body(crashTest(tag).id))?.bytes)).toBe(tag)
          },
        })
      })
    })
  })
}

function crashTest(tag: string): TestFetch {
  const digits = Buffer.from(tag).toString('hex').padStart(32, 'c').slice(-32)
  return { ...testOf({ customerId: tag }), id: testFetchIdOf(digits) }
}

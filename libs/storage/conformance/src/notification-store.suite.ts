import { LOG_ROWS, notificationPartOf, noWishes, type NotificationWishes } from '@quarry/domain'
import type { ChannelProgress, DeliveryRow, Note, NotificationStore } from '@quarry/storage-port'
import { UnknownOutcome } from '@quarry/storage-port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { numbers, T0 } from './sample-data.ts'
import { surviveEveryCrash, type OpenBench, type StoreBench, type StoreCapabilities } from './store-bench.ts'

const wishesOf = (missesInARow: number): NotificationWishes => ({
  ...noWishes(T0),
  missesInARow,
  endpoints: [
    {
      id: 'e1',
      name: 'Ümläut “x” 🐌',
      url: 'https://hooks.example/a?b=%27',
      events: ['run.changed', 'balance.low'],
      createdAt: T0,
      enabledAt: T0,
      generation: 1,
    },
  ],
})
const progressOf = (cursor: string): ChannelProgress => ({
  startedAt: T0,
  cursor,
  waiting: [],
  mails: [],
  mailedAt: { order: T0 },
  takenNotes: ['n1'],
})
const rowOf = (index: number, change: Partial<DeliveryRow> = {}): DeliveryRow => ({
  eventId: `run-delivered_o_${index}`,
  type: 'run.delivered',
  at: T0 + index,
  payload: `{"n":${index}}`,
  state: 'waiting',
  attempts: 1,
  triedAt: T0 + index,
  durationMs: 12,
  status: 500,
  nextAt: T0 + 5000,
  ...change,
})
const noteOf = (index: number): Note => ({
  noteId: `n${index}`,
  at: T0 + index,
  news: { type: 'balance.low', availableCoins: index, thresholdCoins: 100 },
})

/** What every `NotificationStore` promises, checked through several clients of the same data. */
export function notificationStoreSuite(
  name: string,
  open: OpenBench<NotificationStore>,
  capabilities: StoreCapabilities,
): void {
  describe(`NotificationStore on ${name}`, () => {
    let bench: StoreBench<NotificationStore>
    let store: NotificationStore
    beforeEach(async () => {
      bench = await open()
      store = await bench.connect()
    })
    afterEach(() => bench.close())

    it('knows nothing of a user who never said anything', async () => {
      expect(await store.wishes('ann')).toBeUndefined()
      expect(await store.progress('ann', 'mail')).toBeUndefined()
      expect(await store.balanceWatch('ann')).toBeUndefined()
      expect(await store.deliveries('ann', 'e1')).toEqual([])
      expect(await store.notes('ann')).toEqual([])
      await store.removeNotes('ann', [])
      await store.record('ann', 'e1', [])
      await store.forget('ann')
      expect(await store.usersOfPart(notificationPartOf('ann'))).toEqual([])
    })

    it('gives each value back to every client, with its version', async () => {
      const other = await bench.connect()
      expect(await store.saveWishes('ann', 0, wishesOf(1))).toEqual({ ok: true, value: undefined })
      expect(await other.saveWishes('ann', 1, wishesOf(2))).toMatchObject({ ok: true })
      expect(await store.wishes('ann')).toEqual({ version: 2, value: wishesOf(2) })
      await store.saveProgress('ann', 'e1', { expected: 0, progress: progressOf('a') })
      await store.saveProgress('ann', 'mail', { expected: 0, progress: progressOf('b') })
      expect(await other.progress('ann', 'e1')).toEqual({ version: 1, value: progressOf('a') })
      expect(await other.progress('ann', 'mail')).toEqual({ version: 1, value: progressOf('b') })
      expect(await other.progress('bob', 'mail')).toBeUndefined()
      await store.saveBalanceWatch('ann', 0, { low: true, crossings: 1 })
      expect(await other.balanceWatch('ann')).toEqual({ version: 1, value: { low: true, crossings: 1 } })
    })

    it.each([0, 1, 3])('refuses a writer that expects version %d when it is 2', async (expected) => {
      await store.saveWishes('ann', 0, wishesOf(1))
      await store.saveWishes('ann', 1, wishesOf(2))
      expect(await store.saveWishes('ann', expected, wishesOf(9))).toEqual({
        ok: false,
        error: { kind: 'version-conflict' },
      })
      expect(await store.wishes('ann')).toEqual({ version: 2, value: wishesOf(2) })
    })

    it.each([0, 1])('lets one of many writers win that expect version %d', async (expected) => {
      if (expected > 0) await store.saveProgress('ann', 'e1', { expected: 0, progress: progressOf('old') })
      const clients = await Promise.all(numbers(3).map(() => bench.connect()))
      const saved = await Promise.all(
        numbers(9).map((index) =>
          clients[index % 3]!.saveProgress('ann', 'e1', { expected, progress: progressOf(`try ${index}`) }),
        ),
      )
      const winners = saved.flatMap(({ ok }, index) => (ok ? [index] : []))
      expect(winners).toHaveLength(1)
      expect(await store.progress('ann', 'e1')).toEqual({
        version: expected + 1,
        value: progressOf(`try ${winners[0]}`),
      })
    })

    it('finds the users with wishes by their part', async () => {
      const users = numbers(20).map((index) => `user${index}`)
      for (const user of users) await store.saveWishes(user, 0, wishesOf(1))
      await store.saveBalanceWatch('unwishing', 0, { low: false, crossings: 0 })
      for (const part of numbers(8)) {
        const found = await store.usersOfPart(part)
        expect(found.toSorted()).toEqual(users.filter((user) => notificationPartOf(user) === part).toSorted())
      }
    })

    it('keeps a log newest first, one line an event, each channel its own', async () => {
      await store.record('ann', 'e1', [rowOf(1), rowOf(2)])
      await store.record('ann', 'e2', [rowOf(7)])
      const { nextAt: _, ...tried } = rowOf(1, { state: 'delivered', attempts: 2, status: 200 })
      await store.record('ann', 'e1', [tried, rowOf(3)])
      expect(await store.deliveries('ann', 'e1')).toEqual([rowOf(3), rowOf(2), tried])
      expect(await store.deliveries('ann', 'e2')).toEqual([rowOf(7)])
      expect(await store.deliveries('bob', 'e1')).toEqual([])
    })

    it('shows the newest lines of a log that grows and grows', async () => {
      for (const start of numbers(8)) {
        await store.record(
          'ann',
          'e1',
          numbers(40).map((index) => rowOf(start * 40 + index)),
        )
      }
      const shown = await store.deliveries('ann', 'e1')
      expect(shown.map(({ at }) => at - T0)).toEqual(numbers(LOG_ROWS).map((index) => 319 - index))
    })

    it('keeps notes in order until they are taken away, each once', async () => {
      for (const index of [3, 1, 2]) await store.addNote('ann', noteOf(index))
      await store.addNote('ann', noteOf(2))
      expect(await store.notes('ann')).toEqual([noteOf(1), noteOf(2), noteOf(3)])
      await store.removeNotes('ann', [noteOf(1), noteOf(3)])
      await store.removeNotes('ann', [noteOf(1)])
      expect(await store.notes('ann')).toEqual([noteOf(2)])
      expect(await store.notes('bob')).toEqual([])
    })

    it('forgets all of a user and nothing of another', async () => {
      for (const user of ['ann', 'bob']) {
        await store.saveWishes(user, 0, wishesOf(1))
        await store.saveProgress(user, 'e1', { expected: 0, progress: progressOf('a') })
        await store.record(user, 'e1', [rowOf(1)])
        await store.addNote(user, noteOf(1))
      }
      await store.forget('ann')
      await store.forget('ann')
      expect(await store.wishes('ann')).toBeUndefined()
      expect(await store.progress('ann', 'e1')).toBeUndefined()
      expect(await store.deliveries('ann', 'e1')).toEqual([])
      expect(await store.notes('ann')).toEqual([])
      expect(await store.usersOfPart(notificationPartOf('ann'))).not.toContain('ann')
      expect(await store.wishes('bob')).toEqual({ version: 1, value: wishesOf(1) })
      expect(await store.deliveries('bob', 'e1')).toEqual([rowOf(1)])
      expect(await store.notes('bob')).toEqual([noteOf(1)])
      expect(await store.saveWishes('ann', 0, wishesOf(4))).toMatchObject({ ok: true })
    })

    describe.runIf(capabilities.crashes)('when clients die', () => {
      it('has wishes once and finds them by part, after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          act: async (client, tag) => {
            const seen = await client.wishes(tag)
            if (seen === undefined) await client.saveWishes(tag, 0, wishesOf(5))
          },
          check: async (client, tag) => {
            expect(await client.wishes(tag)).toEqual({ version: 1, value: wishesOf(5) })
            expect(await client.usersOfPart(notificationPartOf(tag))).toContain(tag)
          },
        })
      })

      it('has lines and notes once after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          act: async (client, tag) => {
            await client.record(tag, 'e1', [rowOf(1), rowOf(2)])
            await client.addNote(tag, noteOf(1))
          },
          check: async (client, tag) => {
            expect(await client.deliveries(tag, 'e1')).toEqual([rowOf(2), rowOf(1)])
            expect(await client.notes(tag)).toEqual([noteOf(1)])
          },
        })
      })

      it('tells a reader whose write it was when the answer was lost', async () => {
        bench.crashes!.loseAnswer(store)
        await expect(store.saveProgress('ann', 'e1', { expected: 0, progress: progressOf('mine') })).rejects.toThrow(
          UnknownOutcome,
        )
        expect(await store.progress('ann', 'e1')).toEqual({ version: 1, value: progressOf('mine') })
      })
    })
  })
}

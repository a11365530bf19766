import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newEntry, type Order, type Schedule, type ScheduleEntry } from '@quarry/domain'
import { anOrder } from '@quarry/testkit'
import { CountedTexts } from './counted-texts.ts'
import { packOrder, unpackOrder, type PackedOrder } from './pack-order.ts'
import { ByteReader, ByteWriter } from './packed-bytes.ts'

const whole = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 16_383, 16_384))
const anyNumber = fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, 1e300) })
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('\ud800'))
const id = fc.oneof(
  fc.uuid(),
  text,
  fc.uuid().map((uuid) => uuid.toUpperCase()),
)
const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ kind: fc.constant('once' as const), startAt: anyNumber }),
  fc.record({ kind: fc.constant('interval' as const), startAt: anyNumber, intervalMs: anyNumber }),
  fc.record({ kind: fc.constant('cron' as const), startAt: anyNumber, expression: text, timeZone: text }),
)
const address = fc.oneof(
  fc.webUrl({ withQueryParameters: true }).map((url) => ({ url, host: new URL(url).host })),
  fc.record({ url: text, host: text }),
)
const order: fc.Arbitrary<Order> = fc
  .record({
    id,
    customerId: id,
    name: text,
    schedule,
    repetitions: anyNumber,
    priceCoins: anyNumber,
    patienceMs: anyNumber,
    catchUp: fc.constantFrom('latest' as const, 'all' as const, 'none' as const),
    createdAt: anyNumber,
    address,
  })
  .map(({ address, ...rest }) => ({ ...rest, ...address }))
const segment = fc.record(
  { fromRep: anyNumber, baseAt: anyNumber, immediate: fc.constant(true as const) },
  { requiredKeys: ['fromRep', 'baseAt'] },
)
const oddEntry: fc.Arbitrary<ScheduleEntry> = fc.record(
  {
    order,
    state: fc.constantFrom('active' as const, 'active' as const, 'pausing' as const, 'cancelling' as const),
    segments: fc.array(segment, { minLength: 1, maxLength: 5 }),
    runNow: fc.nat(2),
    closed: fc.constantFrom(false, false, true),
    firstSkipped: fc.nat(9),
    reason: text,
  },
  { requiredKeys: ['order', 'state', 'segments', 'runNow', 'closed'] },
)
const entry = fc.oneof(order.map(newEntry), oddEntry)

function packed(one: PackedOrder, texts = new CountedTexts()): Uint8Array {
  const writer = new ByteWriter()
  packOrder(one, writer, (text) => texts.use(text))
  return writer.written
}

function unpacked(bytes: Uint8Array, textOf: (number: number) => string): PackedOrder & { readonly end: number } {
  const reader = new ByteReader(Buffer.from(bytes), 0)
  return { ...unpackOrder(reader, textOf), end: reader.at }
}

test('whatever is packed comes back, takes just the bytes written, and leaves no text behind', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 4 }),
      fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()),
      fc.nat(5),
      (entries, [nextRep, maybeEmitted], mostTexts) => {
        const texts = new CountedTexts(mostTexts)
        const all = [...entries, ...entries].map((entry) => ({ entry, nextRep, maybeEmitted }))
        const records = all.map((one) => packed(one, texts))
        for (const take of [false, true]) {
          for (const [at, bytes] of records.entries()) {
            const textOf = (number: number) => (take ? texts.release(number) : texts.textOf(number))
            expect(unpacked(bytes, textOf)).toEqual({ ...all[at], end: bytes.length })
          }
        }
        expect(texts.size).toBe(0)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('a field that this version does not know is kept', () => {
  const order = { ...anOrder(), later: 'field' }
  const { entry } = unpacked(packed({ entry: newEntry(order), nextRep: 0, maybeEmitted: 0 }), String)
  expect(entry.order).toEqual(order)
})

test('an order as customers place it takes little more than the path of its URL', () => {
  const startAt = Date.parse('2026-11-21T00:00:00Z')
  const order = anOrder({
    id: '0b5ad3c8-5a3f-4a52-9a65-3f5f3a6c1b11',
    customerId: '4f0a6f3e-93a5-4d5d-8c35-0d9a7b7f5b22',
    url: 'https://www.host-1234.example/products/category-12/item-123456.html',
    host: 'www.host-1234.example',
    schedule: { kind: 'interval', startAt, intervalMs: 3_600_000 },
    repetitions: 1_000,
    createdAt: startAt - 1000,
  })
  const bytes = packed({ entry: newEntry(order), nextRep: 500, maybeEmitted: 500 })
  expect(bytes.length).toBeLessThan(new URL(order.url).pathname.length + 56)
})

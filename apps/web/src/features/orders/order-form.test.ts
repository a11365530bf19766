import { placeOrderSchema } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  completeUrl,
  emptyOrderForm,
  fieldOf,
  formOfOrder,
  formProblems,
  type OrderFormValues,
  orderOfForm,
  previewOfForm,
} from './order-form.ts'
import { formatWallTime, parseWallTime } from './wall-time.ts'

const filled: OrderFormValues = { ...emptyOrderForm('Europe/Berlin'), url: 'https://example.com/a' }

describe('formProblems', () => {
  it('finds nothing wrong with an empty form but the address', () => {
    expect(formProblems(emptyOrderForm('UTC'))).toEqual({ url: { key: 'urlNeeded' } })
    expect(formProblems(filled)).toEqual({})
  })

  it.each([
    ['url', { url: 'ftp://example.com' }],
    ['url', { url: 'javascript:alert(1)' }],
    ['url', { url: 'https://' }],
    ['every', { preset: 'custom', every: 0.5, unit: 'seconds' }],
    ['every', { preset: 'custom', every: 367, unit: 'days' }],
    ['every', { preset: 'custom', every: '' }],
    ['expression', { kind: 'cron', expression: '* * *' }],
    ['startAt', { startAt: '2026-13-01T00:00' }],
    ['repetitions', { repetitions: '' }],
    ['repetitions', { repetitions: 1_000_001 }],
    ['priceCoins', { priceCoins: 1.5 }],
    ['priceCoins', { priceCoins: 0 }],
    ['windows', { windows: [{ days: [], from: '08:00', until: '18:00' }] }],
    ['windows', { windows: [{ days: [1], from: '08:00', until: '08:00' }] }],
    ['windows', { windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '00:00' }] }],
    ['jitterMinutes', { jitterMinutes: 60 }],
    ['jitterMinutes', { jitterMinutes: -1 }],
    ['until', { end: 'date', until: '' }],
    ['tags', { tags: ['x'.repeat(31)] }],
    ['tags', { tags: Array.from({ length: 11 }, (_, n) => `${n}`) }],
  ] as const)('refuses at %s: %j', (field, change) => {
    expect(Object.keys(formProblems({ ...filled, ...change }))).toEqual([field])
  })

  it('ignores fields that the chosen schedule does not show', () => {
    const hidden = { preset: 'custom', every: '', expression: '', repetitions: '' } as const
    expect(formProblems({ ...filled, ...hidden, kind: 'once' })).toEqual({})
  })
})

const anyForm = fc.record({
  url: fc.webUrl(),
  name: fc.string({ maxLength: 200 }),
  kind: fc.constantFrom('once', 'interval', 'cron'),
  preset: fc.constantFrom('minute', 'week', 'custom'),
  every: fc.oneof(fc.integer({ min: -5, max: 500 }), fc.constant('')),
  unit: fc.constantFrom('seconds', 'minutes', 'hours', 'days'),
  expression: fc.constantFrom('0 8 * * 1-5', '0 0 8 * * *', 'never', ''),
  timeZone: fc.constant('Europe/Berlin'),
  tags: fc.array(fc.string({ minLength: 1, maxLength: 31 }), { maxLength: 11 }),
  windows: fc.array(
    fc.record({
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 })),
      from: fc.constantFrom('', '00:00', '08:00', '22:30'),
      until: fc.constantFrom('', '00:00', '06:00', '18:00'),
    }),
    { maxLength: 3 },
  ),
  jitterMinutes: fc.oneof(fc.integer({ min: -1, max: 400 }), fc.constant('')),
  end: fc.constantFrom('count', 'date'),
  until: fc.constantFrom('', '2027-01-01T08:00'),
  startAt: fc.constantFrom('', '2027-01-01T08:00', 'soon'),
  repetitions: fc.oneof(fc.integer({ min: -1, max: 2_000_000 }), fc.constant('')),
  priceCoins: fc.oneof(fc.integer({ min: -1, max: 200 }), fc.constant('')),
  patience: fc.constantFrom('minute', 'day'),
  catchUp: fc.constantFrom('latest', 'all', 'none'),
  extract: fc.constant([]),
}) as fc.Arbitrary<OrderFormValues>

it('sends only what the contract takes', () => {
  fc.assert(
    fc.property(anyForm, (values) => {
      fc.pre(Object.keys(formProblems(values)).length === 0)
      expect(placeOrderSchema.safeParse(orderOfForm(values)).success).toBe(true)
    }),
  )
})

describe('orderOfForm', () => {
  it('makes a one-time order of one repetition, whatever the hidden field says', () => {
    expect(orderOfForm({ ...filled, kind: 'once', repetitions: 500 })).toMatchObject({
      schedule: { kind: 'once' },
      repetitions: 1,
    })
  })

  it('reads a custom interval in its unit', () => {
    const schedule = orderOfForm({ ...filled, preset: 'custom', every: 90, unit: 'seconds' }).schedule
    expect(schedule).toEqual({ kind: 'interval', intervalMs: 90_000 })
  })
})

it('previews without an address, but not without a valid schedule', () => {
  expect(previewOfForm({ ...filled, url: '' })).toMatchObject({ url: 'https://example.com/' })
  expect(previewOfForm({ ...filled, repetitions: '' })).toBeUndefined()
})

it('fills the form from an order so that it orders the same', () => {
  const body = orderOfForm({
    ...filled,
    name: 'prices',
    preset: 'custom',
    every: 90,
    unit: 'minutes',
    patience: 'hour',
    tags: ['a', 'b'],
    windows: [{ days: [5, 6], from: '22:00', until: '00:00' }],
    timeZone: 'Europe/Berlin',
    jitterMinutes: 2.5,
  })
  const order = { ...placeOrderSchema.parse(body), schedule: { ...body.schedule, startAt: 5 } }
  expect(orderOfForm(formOfOrder(order as unknown as Parameters<typeof formOfOrder>[0], 'UTC', 10))).toEqual(body)
})

it('completes an address without a scheme', () => {
  expect(completeUrl(' example.com/a ')).toBe('https://example.com/a')
  expect(completeUrl('http://a.example')).toBe('http://a.example')
  expect(completeUrl('')).toBe('')
})

it('knows the field of a path, and of nothing else', () => {
  expect(fieldOf('schedule.intervalMs')).toBe('every')
  expect(fieldOf('constructor.name')).toBeUndefined()
})

it('reads wall times back', () => {
  const at = new Date(2026, 10, 21, 14, 5).getTime()
  expect(parseWallTime(formatWallTime(at))).toBe(at)
  expect(parseWallTime('14:05')).toBeUndefined()
})

import type {
  MAX_INTERVAL_MS,
  MAX_JITTER_MS,
  MAX_PRICE_COINS,
  MAX_REPETITIONS,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  OrderView,
  PlaceOrderInput,
} from '@quarry/contracts'
import type { CatchUp, ExtractField, TimeWindow } from '@quarry/domain'
import { formWindow, type FormWindow, windowOf, windowsWrong } from './form-windows.ts'
import { formatWallTime, parseWallTime } from './wall-time.ts'

// The contract's limits, by type: a drift is a compile error, and the schemas stay out of the browser's bundle.
export const maxRepetitions: typeof MAX_REPETITIONS = 1_000_000
export const maxPriceCoins: typeof MAX_PRICE_COINS = 100
export const maxTags: typeof MAX_TAGS = 10
export const maxTagLength: typeof MAX_TAG_LENGTH = 30
const maxJitterMs: typeof MAX_JITTER_MS = 21_600_000
/** Operators may allow less than the usual ten seconds; what is allowed here, the preview says. */
const shortestIntervalMs = 1000
const longestIntervalMs: typeof MAX_INTERVAL_MS = 366 * 24 * 3600 * 1000

export const unitSizesMs = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const
export type Unit = keyof typeof unitSizesMs

export const presetsMs = {
  minute: 60_000,
  minutes5: 5 * 60_000,
  minutes15: 15 * 60_000,
  hour: 3_600_000,
  hours6: 6 * 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
} as const
export type Preset = keyof typeof presetsMs | 'custom'

export const patiencesMs = {
  minute: 60_000,
  minutes10: 600_000,
  hour: 3_600_000,
  hours6: 6 * 3_600_000,
  day: 24 * 3_600_000,
} as const
export type Patience = keyof typeof patiencesMs

/** The new-order form as typed in. Numbers are texts while a field is empty; `startAt` is a `datetime-local` value. */
export interface OrderFormValues {
  readonly url: string
  readonly name: string
  readonly tags: readonly string[]
  readonly kind: 'once' | 'interval' | 'cron'
  readonly preset: Preset
  readonly every: number | string
  readonly unit: Unit
  readonly expression: string
  readonly timeZone: string
  readonly startAt: string
  readonly windows: readonly FormWindow[]
  readonly jitterMinutes: number | string
  readonly end: 'count' | 'date'
  readonly until: string
  readonly repetitions: number | string
  readonly priceCoins: number | string
  readonly patience: Patience
  readonly catchUp: CatchUp
  /** What to take from each page; those without a selector do not count. */
  readonly extract: readonly ExtractField[]
}

export function emptyOrderForm(timeZone: string): OrderFormValues {
  return {
    url: '',
    name: '',
    tags: [],
    kind: 'interval',
    preset: 'hour',
    every: 30,
    unit: 'minutes',
    expression: '0 8 * * 1-5',
    timeZone,
    startAt: '',
    windows: [],
    jitterMinutes: 0,
    end: 'count',
    until: '',
    repetitions: 24,
    priceCoins: 1,
    patience: 'minutes10',
    catchUp: 'latest',
    extract: [],
  }
}

/** The form filled in as an existing order was, but starting anew: its start lies in the past. */
export function formOfOrder(order: OrderView, timeZone: string, now: number): OrderFormValues {
  const { schedule } = order
  const { url, name, tags = [], until } = order
  const form = { ...emptyOrderForm(timeZone), url, name, tags, kind: schedule.kind }
  const patience = (Object.keys(patiencesMs) as Patience[]).find((key) => patiencesMs[key] >= order.patienceMs) ?? 'day'
  return {
    ...form,
    ...(schedule.kind === 'interval' ? intervalFields(schedule.intervalMs) : {}),
    ...(schedule.kind === 'interval' && schedule.windows
      ? { windows: schedule.windows.map(formWindow), timeZone: schedule.timeZone ?? timeZone }
      : {}),
    ...(schedule.kind !== 'once' && schedule.jitterMs ? { jitterMinutes: schedule.jitterMs / 60_000 } : {}),
    ...(until !== undefined && until > now ? { end: 'date' as const, until: formatWallTime(until) } : {}),
    ...(schedule.kind === 'cron' ? { expression: schedule.expression, timeZone: schedule.timeZone } : {}),
    startAt: schedule.startAt > now ? formatWallTime(schedule.startAt) : '',
    repetitions: order.repetitions,
    priceCoins: order.priceCoins,
    patience,
    catchUp: order.catchUp,
    extract: order.extract ?? [],
  }
}

function intervalFields(intervalMs: number): Pick<OrderFormValues, 'preset' | 'every' | 'unit'> {
  const preset = (Object.keys(presetsMs) as (keyof typeof presetsMs)[]).find((key) => presetsMs[key] === intervalMs)
  const unit = (['days', 'hours', 'minutes'] as const).find((name) => intervalMs % unitSizesMs[name] === 0) ?? 'seconds'
  return { preset: preset ?? 'custom', every: intervalMs / unitSizesMs[unit], unit }
}

/** What is wrong with a field, as a key of `form.` in the dictionary with its values. */
export type FormProblem =
  | { readonly key: 'urlNeeded' | 'urlWrong' | 'expressionNeeded' | 'startWrong' }
  | { readonly key: 'windowsWrong' | 'untilNeeded' }
  | { readonly key: 'jitterWrong'; readonly maxMs: number }
  | { readonly key: 'tagsWrong'; readonly max: number; readonly length: number }
  | { readonly key: 'intervalWrong'; readonly minMs: number; readonly maxMs: number }
  | { readonly key: 'numberWrong'; readonly min: number; readonly max: number }
export type FormProblems = Readonly<Partial<Record<keyof OrderFormValues, FormProblem>>>

/** `example.com/a` → `https://example.com/a`; what has a scheme stays. */
export function completeUrl(text: string): string {
  const trimmed = text.trim()
  return trimmed === '' || /^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : `https://${trimmed}`
}

function urlProblem(text: string): FormProblem | undefined {
  const url = completeUrl(text)
  if (url === '') return { key: 'urlNeeded' }
  return /^https?:\/\/[^/\s]/i.test(url) && URL.canParse(url) ? undefined : { key: 'urlWrong' }
}

function numberProblem(value: number | string, max: number): FormProblem | undefined {
  const right = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max
  return right ? undefined : { key: 'numberWrong', min: 1, max }
}

function jitterProblem(values: OrderFormValues): FormProblem | undefined {
  const gapMs = values.kind === 'interval' ? intervalMsOf(values) : Infinity
  const maxMs = Math.min(maxJitterMs, gapMs - 1)
  const ms = jitterMsOf(values)
  return ms >= 0 && !(ms > maxMs) ? undefined : { key: 'jitterWrong', maxMs }
}

function jitterMsOf({ jitterMinutes }: OrderFormValues): number {
  if (jitterMinutes === '') return 0
  return typeof jitterMinutes === 'number' ? Math.round(jitterMinutes * 60_000) : NaN
}

function untilProblem({ until }: OrderFormValues): FormProblem | undefined {
  return parseWallTime(until) === undefined ? { key: 'untilNeeded' } : undefined
}

function tagsProblem(tags: readonly string[]): FormProblem | undefined {
  const right = tags.length <= maxTags && tags.every((tag) => tag.trim() !== '' && tag.trim().length <= maxTagLength)
  return right ? undefined : { key: 'tagsWrong', max: maxTags, length: maxTagLength }
}

function intervalMsOf(values: OrderFormValues): number {
  if (values.preset !== 'custom') return presetsMs[values.preset]
  return typeof values.every === 'number' ? Math.round(values.every * unitSizesMs[values.unit]) : NaN
}

function intervalProblem(values: OrderFormValues): FormProblem | undefined {
  const ms = intervalMsOf(values)
  return ms >= shortestIntervalMs && ms <= longestIntervalMs
    ? undefined
    : { key: 'intervalWrong', minMs: shortestIntervalMs, maxMs: longestIntervalMs }
}

/** Everything that is wrong with the form and can be known without the server. Empty when it may be sent. */
export function formProblems(values: OrderFormValues): FormProblems {
  const found: readonly (readonly [keyof OrderFormValues, FormProblem | undefined])[] = [
    ['url', urlProblem(values.url)],
    ['tags', tagsProblem(values.tags)],
    ['windows', values.kind === 'interval' && windowsWrong(values.windows) ? { key: 'windowsWrong' } : undefined],
    ['jitterMinutes', values.kind === 'once' ? undefined : jitterProblem(values)],
    ['until', values.kind !== 'once' && values.end === 'date' ? untilProblem(values) : undefined],
    ['every', values.kind === 'interval' ? intervalProblem(values) : undefined],
    [
      'expression',
      values.kind === 'cron' && !/^(@\w+|\S+(\s+\S+){4,5})$/.test(values.expression.trim())
        ? { key: 'expressionNeeded' }
        : undefined,
    ],
    [
      'startAt',
      values.startAt !== '' && parseWallTime(values.startAt) === undefined ? { key: 'startWrong' } : undefined,
    ],
    [
      'repetitions',
      values.kind === 'once' || values.end === 'date' ? undefined : numberProblem(values.repetitions, maxRepetitions),
    ],
    ['priceCoins', numberProblem(values.priceCoins, maxPriceCoins)],
  ]
  return Object.fromEntries(found.filter(([, problem]) => problem !== undefined))
}

/** The body of the request. Defined for a form without problems. */
export function orderOfForm(values: OrderFormValues): PlaceOrderInput {
  const extract = values.extract.filter(({ selector }) => selector.trim() !== '')
  return {
    url: completeUrl(values.url),
    name: values.name.trim(),
    ...(values.tags.length > 0 && { tags: values.tags.map((tag) => tag.trim()) }),
    schedule: scheduleOfForm(values),
    ...endOfForm(values),
    priceCoins: Number(values.priceCoins),
    patienceMs: patiencesMs[values.patience],
    catchUp: values.catchUp,
    ...(extract.length > 0 && { extract }),
  }
}

function endOfForm(values: OrderFormValues): Pick<PlaceOrderInput, 'repetitions' | 'until'> {
  const until = values.kind === 'once' || values.end === 'count' ? undefined : parseWallTime(values.until)
  if (until !== undefined) return { until }
  return { repetitions: values.kind === 'once' ? 1 : Number(values.repetitions) }
}

function windowsOfForm({ windows, timeZone }: OrderFormValues): {
  windows?: (TimeWindow & { days: number[] })[]
  timeZone?: string
} {
  return windows.length === 0 ? {} : { windows: windows.map(windowOf), timeZone }
}

function scheduleOfForm(values: OrderFormValues): PlaceOrderInput['schedule'] {
  const startAt = values.startAt === '' ? undefined : parseWallTime(values.startAt)
  const start = startAt === undefined ? {} : { startAt }
  const jitterMs = jitterMsOf(values)
  const jitter = jitterMs > 0 ? { jitterMs } : {}
  switch (values.kind) {
    case 'once':
      return { kind: 'once', ...start }
    case 'interval':
      return { kind: 'interval', ...start, intervalMs: intervalMsOf(values), ...windowsOfForm(values), ...jitter }
    case 'cron':
      return { kind: 'cron', ...start, expression: values.expression.trim(), timeZone: values.timeZone, ...jitter }
  }
}

/** Stands in while no address is typed yet: cost and times do not depend on it. */
const STAND_IN_URL = 'https://example.com/'

/** What to ask a preview of: the order, as soon as everything but the address is right. */
export function previewOfForm(values: OrderFormValues): PlaceOrderInput | undefined {
  const { url, ...others } = formProblems({ ...values, tags: [] })
  if (Object.keys(others).length > 0) return undefined
  return {
    ...orderOfForm({ ...values, tags: [], extract: [] }),
    ...(url === undefined ? {} : { url: STAND_IN_URL }),
    name: '',
  }
}

const fieldOfPath: Readonly<Record<string, keyof OrderFormValues>> = {
  url: 'url',
  name: 'name',
  tags: 'tags',
  'schedule.windows': 'windows',
  'schedule.jitterMs': 'jitterMinutes',
  until: 'until',
  'schedule.startAt': 'startAt',
  'schedule.intervalMs': 'every',
  'schedule.expression': 'expression',
  'schedule.timeZone': 'timeZone',
  schedule: 'kind',
  repetitions: 'repetitions',
  priceCoins: 'priceCoins',
  patienceMs: 'patience',
  catchUp: 'catchUp',
  extract: 'extract',
}

/** The form's field for a path of the API's input, such as `schedule.intervalMs`. */
export function fieldOf(path: string): keyof OrderFormValues | undefined {
  return fieldOfPath[path]
}

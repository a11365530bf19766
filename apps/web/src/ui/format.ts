/**
 * Numbers and times in words. Each takes the BCP 47 locale first and gives the same words for the same arguments; all
 * durations are milliseconds, all times Unix milliseconds.
 */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const unitSizes = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
] as const

/** `1.4 kB`: decimal units, two significant digits or more. */
export function formatBytes(locale: string, sizeBytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3))
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[power]!,
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumSignificantDigits: power === 0 ? 3 : 2 + Number(sizeBytes / 1000 ** power >= 100),
  }).format(sizeBytes / 1000 ** power)
}

interface Unit {
  readonly name: string
  readonly display: 'long' | 'short'
  readonly digits?: number
}

function unit(locale: string, value: number, { name, display, digits }: Unit): string {
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: name,
    unitDisplay: display,
    ...(digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  }).format(value)
}

/** A measured time, short: `85 ms`, `1.24 s`, `2 min 5 sec`. Negative ones count as zero. */
export function formatDuration(locale: string, durationMs: number): string {
  const ms = Math.max(0, durationMs)
  if (ms < SECOND) return unit(locale, Math.min(999, Math.round(ms)), { name: 'millisecond', display: 'short' })
  // Rounded down, so that 59.99 seconds never read as 60.
  if (ms < 10 * SECOND) return unit(locale, Math.floor(ms / 10) / 100, { name: 'second', display: 'short', digits: 2 })
  if (ms < MINUTE) return unit(locale, Math.floor(ms / 100) / 10, { name: 'second', display: 'short', digits: 1 })
  const [big, size] = ms < HOUR ? (['minute', MINUTE] as const) : (['hour', HOUR] as const)
  const [small, smallSize] = ms < HOUR ? (['second', SECOND] as const) : (['minute', MINUTE] as const)
  const rest = Math.floor((ms % size) / smallSize)
  const first = unit(locale, Math.floor(ms / size), { name: big, display: 'short' })
  return rest === 0 ? first : `${first} ${unit(locale, rest, { name: small, display: 'short' })}`
}

/** A chosen interval, in the largest unit that divides it: `90 seconds`, `6 hours`. */
export function formatInterval(locale: string, intervalMs: number): string {
  const [name, size] = unitSizes.find(([, candidate]) => intervalMs % candidate === 0) ?? (['millisecond', 1] as const)
  return unit(locale, intervalMs / size, { name, display: 'long' })
}

/** How far `at` is from `now`: `in 5 minutes`, `yesterday`, `now` within a second. */
export function formatRelative(locale: string, at: number, now: number): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const distance = at - now
  for (const [name, size] of unitSizes) {
    if (Math.abs(distance) >= size) return words.format(Math.trunc(distance / size), name)
  }
  return words.format(0, 'second')
}

/** `21 Nov 2026, 14:05:09`; in `timeZone` when given, else in the browser's. Seconds only on request. */
export function formatDateTime(
  locale: string,
  at: number,
  options: { timeZone?: string; seconds?: boolean } = {},
): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: options.seconds ? 'medium' : 'short',
    ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
  }).format(at)
}

/** `+30`, `−5`, with the locale's grouping and a true minus. */
export function formatSigned(locale: string, amount: number): string {
  return new Intl.NumberFormat(locale, { signDisplay: 'exceptZero' }).format(amount).replace('-', '−')
}

/** What stands between thousands and before decimals: `,` and `.` in English, `.` and `,` in German. */
export function numberSeparators(locale: string): { readonly group: string; readonly decimal: string } {
  const parts = new Intl.NumberFormat(locale).formatToParts(1234567.5)
  const valueOf = (type: 'group' | 'decimal') => parts.find((part) => part.type === type)?.value ?? ''
  return { group: valueOf('group'), decimal: valueOf('decimal') }
}

/** A mark on an axis of time whose marks are `stepMs` apart: `14:05:09`, `14:05`, `21 Nov`. */
export function formatTick(locale: string, at: number, stepMs: number): string {
  const options: Intl.DateTimeFormatOptions =
    stepMs >= DAY
      ? { day: 'numeric', month: 'short' }
      : { hour: '2-digit', minute: '2-digit', ...(stepMs < MINUTE && { second: '2-digit' }) }
  return new Intl.DateTimeFormat(locale, options).format(at)
}

/** The browser's regional form of our language, such as `en-GB` for `en`; the language itself when there is none. */
export function regionalLocale(language: string, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language
}

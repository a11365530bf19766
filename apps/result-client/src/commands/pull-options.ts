import { usage, type Settings } from '@quarry/cli-kit'
import { orderIdSchema } from '@quarry/contracts'
import type { Instant } from '@quarry/domain'

export interface PullFlags {
  readonly server?: string
  readonly out?: string
  readonly order?: string
  readonly since?: string
  readonly minFree?: string
  readonly once?: boolean
  readonly json?: boolean
}

export interface PullOptions {
  readonly server: string
  readonly out: string
  readonly orderId?: string
  readonly since?: Instant
  readonly minFreeBytes: number
  readonly once: boolean
  readonly json: boolean
  /** Which results are asked for, as the folder remembers it; '' for all. */
  readonly selection: string
}

const DEFAULT_MIN_FREE_BYTES = 100 * 1024 * 1024
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }
const SPANS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Flags over environment over file; throws `ExitError` (usage) for what cannot be meant. */
export function pullOptions(flags: PullFlags, settings: Settings, now: Instant): PullOptions {
  if (flags.order !== undefined && !orderIdSchema.safeParse(flags.order).success) {
    throw usage(`--order must be an order's id, not "${flags.order}".`)
  }
  const since = flags.since === undefined ? undefined : instantOf(flags.since, now)
  const selection = [flags.order && `order=${flags.order}`, flags.since && `since=${flags.since}`]
    .filter(Boolean)
    .join(' ')
  const minFree = settings.text(flags.minFree, 'QUARRY_MIN_FREE', 'minFree')
  return {
    server: settings.server(flags.server),
    out: settings.text(flags.out, 'QUARRY_OUT', 'out') ?? './results',
    minFreeBytes: minFree === undefined ? DEFAULT_MIN_FREE_BYTES : bytesOf(minFree),
    once: flags.once === true,
    json: flags.json === true,
    selection,
    ...(flags.order === undefined ? {} : { orderId: flags.order }),
    ...(since === undefined ? {} : { since }),
  }
}

/** `500M`, `2GiB`, `1048576`: binary units. */
export function bytesOf(text: string): number {
  const match = /^(\d{1,15})\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  if (!match) throw usage(`--min-free must be a size such as 500M, not "${text}".`)
  return Number(match[1]) * (UNITS[match[2]?.toLowerCase() ?? ''] ?? 1)
}

/** An ISO 8601 date or time, milliseconds since the epoch, or a span before now: `90m`, `24h`, `7d`. */
export function instantOf(text: string, now: Instant): Instant {
  const span = /^(\d{1,6})([mhd])$/.exec(text)
  if (span) return Math.max(0, now - Number(span[1]) * (SPANS_MS[span[2] ?? ''] ?? 0))
  const instant = /^\d{11,16}$/.test(text) ? Number(text) : /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (instant >= 0 && instant <= 8.64e15) return instant
  throw usage(`--since must be a time such as 2026-11-21T08:00:00Z or a span such as 24h, not "${text}".`)
}

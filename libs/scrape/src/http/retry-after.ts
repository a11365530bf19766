/** Longest wait that a site can ask for; anything above counts as this. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000

/** The milliseconds that a `Retry-After` header asks for: seconds or an HTTP date; undefined when it says neither. */
export function retryAfterMsOf(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS)
  // Every form of an HTTP date begins with the name of a day; Date.parse alone would take far more.
  const at = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), MAX_RETRY_AFTER_MS)
}

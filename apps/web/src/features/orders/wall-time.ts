/** `2026-11-21T14:05` in the browser's own zone, as a `datetime-local` field has it. */
export function formatWallTime(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** The inverse of `formatWallTime`; undefined for a text that is no time, or one from before 1970. */
export function parseWallTime(text: string): number | undefined {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text) ? new Date(text).getTime() : NaN
  return at >= 0 ? at : undefined
}

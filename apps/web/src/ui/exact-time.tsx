import { useFormat } from './use-format.ts'

/** A date and time; in `timeZone` when given. */
export function ExactTime({ at, seconds = false, timeZone }: { at: number; seconds?: boolean; timeZone?: string }) {
  const format = useFormat()
  const options = timeZone === undefined ? { seconds } : { seconds, timeZone }
  return <time dateTime={new Date(at).toISOString()}>{format.dateTime(at, options)}</time>
}

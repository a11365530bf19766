import { useFormat } from './use-format.ts'
import { useNow } from './use-now.ts'

/** A time as the distance from now; the exact one as its title. `past` replaces the words once `at` lies behind. */
export function RelativeTime({ at, past }: { at: number; past?: string }) {
  const format = useFormat()
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={format.dateTime(at, { seconds: true })}>
      {past !== undefined && at <= now ? past : format.relative(at, now)}
    </time>
  )
}

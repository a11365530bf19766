import type { Instant, ScheduleEntry } from '@quarry/domain'
import type { OwnedBucket } from './owned-bucket.ts'

/** An order as its bucket's owner sees it: which repetition comes next, and when (`Infinity`: none does). */
export interface WatchedOrder {
  readonly bucket: OwnedBucket
  entry: ScheduleEntry
  /** Every repetition below it was emitted, or given up. */
  nextRep: number
  nextDueAt: Instant
  /** Repetitions from `nextRep` to below this may have been emitted: nobody lived to confirm it. */
  maybeEmitted: number
  /** A stop before `nextRep` may be recorded: nothing is emitted until the entry was read again, or the stop confirmed. */
  stopSent?: boolean
}

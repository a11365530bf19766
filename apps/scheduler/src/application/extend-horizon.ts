import type { Clock, Instant } from '@quarry/domain'
import type { ScheduleStore } from '@quarry/storage-port'
import { LostBucket } from './lost-bucket.ts'
import type { OwnedBucket } from './owned-bucket.ts'

/**
 * Written so far ahead, so that a bucket that emits all the time needs it seldom. A stop that is asked for just after a
 * takeover waits at most as long, because the owner before may have emitted that far.
 */
const AHEAD_MS = 3_000

/**
 * Says in the store up to where an owner may emit, before it does. The next owner then knows what may have been emitted
 * without a word on whose clock was right: it may have been set back since.
 */
export class ExtendHorizon {
  readonly #schedule: ScheduleStore
  readonly #clock: Clock

  constructor(deps: { schedule: ScheduleStore; clock: Clock }) {
    this.#schedule = deps.schedule
    this.#clock = deps.clock
  }

  /** Resolves when whatever is due by `upTo` may be emitted. Throws `LostBucket`. */
  async run(bucket: OwnedBucket, upTo: Instant): Promise<void> {
    if (upTo <= bucket.horizon) return
    const horizon = Math.max(upTo, this.#clock.now()) + AHEAD_MS
    const extended = await this.#schedule.extend(bucket.hold, horizon)
    if (!extended.ok) throw new LostBucket(`bucket ${bucket.bucket}: ${extended.error.kind}`)
    bucket.horizon = horizon
  }
}

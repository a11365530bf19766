import type { Bucket, Result, ScheduleEntry } from '@quarry/domain'
import type { BucketState, EpochConflict, ScheduleStore } from '@quarry/storage-port'
import type { OwnedBucket } from './owned-bucket.ts'

/** A bucket just claimed, with the entries that still matter. */
export interface TakenBucket {
  readonly bucket: OwnedBucket
  readonly entries: readonly ScheduleEntry[]
}

/** Claims buckets for one scheduler. A bucket that somebody else claims at the same time is tried again with the epoch seen. */
export class TakeOverBuckets {
  readonly #schedule: ScheduleStore
  readonly #schedulerId: string

  constructor(schedule: ScheduleStore, schedulerId: string) {
    this.#schedule = schedule
    this.#schedulerId = schedulerId
  }

  run(buckets: readonly Bucket[]): Promise<TakenBucket[]> {
    return Promise.all(buckets.map((bucket) => this.#takeOver(bucket)))
  }

  async #takeOver(bucket: Bucket): Promise<TakenBucket> {
    let { epoch } = await this.#schedule.bucket(bucket)
    let claimed: Result<BucketState, EpochConflict> = await this.#schedule.claim(bucket, epoch, this.#schedulerId)
    while (!claimed.ok) {
      epoch = claimed.error.epoch
      claimed = await this.#schedule.claim(bucket, epoch, this.#schedulerId)
    }
    const state = claimed.value
    const { changes, entries } = await this.#schedule.entries(bucket)
    const hold = { bucket, epoch: state.epoch }
    return {
      bucket: { bucket, hold, orders: new Map(), watermark: state.watermark, seenChanges: changes, emitted: false },
      entries,
    }
  }
}

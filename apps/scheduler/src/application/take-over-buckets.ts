import type { Bucket, ScheduleEntry } from '@quarry/domain'
import type { BucketState, ScheduleStore } from '@quarry/storage-port'
import type { OwnedBucket } from './owned-bucket.ts'

/** A bucket just claimed, with the entries that still matter. */
export interface TakenBucket {
  readonly bucket: OwnedBucket
  readonly entries: readonly ScheduleEntry[]
}

/**
 * Claims buckets for one scheduler. Beside its id the owner leaves the epoch of the hand-out that it acts on, so that of two
 * schedulers that both mean to own a bucket the one with the newer hand-out keeps it, whoever comes last.
 */
export class TakeOverBuckets {
  readonly #schedule: ScheduleStore
  readonly #schedulerId: string

  constructor(schedule: ScheduleStore, schedulerId: string) {
    this.#schedule = schedule
    this.#schedulerId = schedulerId
  }

  /** Leaves out the buckets whose owner acts on a newer hand-out than `shardEpoch`. */
  async run(buckets: readonly Bucket[], shardEpoch: number): Promise<TakenBucket[]> {
    const taken = await Promise.all(buckets.map((bucket) => this.#takeOver(bucket, shardEpoch)))
    return taken.filter((bucket) => bucket !== undefined)
  }

  async #takeOver(bucket: Bucket, shardEpoch: number): Promise<TakenBucket | undefined> {
    const state = await this.#claim(bucket, shardEpoch)
    if (state === undefined) return undefined
    const { changes, entries } = await this.#schedule.entries(bucket)
    return {
      bucket: {
        bucket,
        hold: { bucket, epoch: state.epoch },
        awake: new Map(),
        watermark: state.watermark,
        seenChanges: changes,
        emitted: false,
        givingUp: 0,
        lost: false,
      },
      entries,
    }
  }

  async #claim(bucket: Bucket, shardEpoch: number): Promise<BucketState | undefined> {
    for (;;) {
      const { epoch, owner } = await this.#schedule.bucket(bucket)
      if (shardEpochOf(owner) > shardEpoch) return undefined
      const claimed = await this.#schedule.claim(bucket, epoch, `${this.#schedulerId}@${shardEpoch}`)
      if (claimed.ok) return claimed.value
    }
  }
}

function shardEpochOf(owner: string | undefined): number {
  return Number(/@(\d+)$/.exec(owner ?? '')?.[1] ?? 0)
}

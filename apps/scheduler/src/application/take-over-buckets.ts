import type { Bucket, ScheduleEntry } from '@quarry/domain'
import type { BucketState, ScheduleStore } from '@quarry/storage-port'
import type { OwnedBucket } from './owned-bucket.ts'

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

  /** Leaves out the buckets whose owner acts on a newer hand-out than `shardEpoch`. None has its orders yet. */
  async run(buckets: readonly Bucket[], shardEpoch: number): Promise<OwnedBucket[]> {
    const taken = await Promise.all(buckets.map((bucket) => this.#takeOver(bucket, shardEpoch)))
    return taken.filter((bucket) => bucket !== undefined)
  }

  /** The bucket's entries that still matter, from which on its changes count as seen. */
  async load(bucket: OwnedBucket): Promise<readonly ScheduleEntry[]> {
    const { changes, entries } = await this.#schedule.entries(bucket.bucket)
    bucket.seenChanges = changes
    return entries
  }

  async #takeOver(bucket: Bucket, shardEpoch: number): Promise<OwnedBucket | undefined> {
    const state = await this.#claim(bucket, shardEpoch)
    if (state === undefined) return undefined
    const horizon = Math.max(state.horizon, state.watermark)
    return {
      bucket,
      hold: { bucket, epoch: state.epoch },
      awake: new Map(),
      watermark: state.watermark,
      horizon,
      inheritedHorizon: horizon,
      seenChanges: state.changes,
      emitted: false,
      givingUp: 0,
      lost: false,
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

import type { Bucket, Instant, OrderId } from '@quarry/domain'
import type { BucketHold } from '@quarry/storage-port'
import type { WatchedOrder } from './due-queue.ts'

/** A bucket that this scheduler has claimed. Everything due up to `watermark` was emitted when it was claimed or last moved. */
export interface OwnedBucket {
  readonly bucket: Bucket
  readonly hold: BucketHold
  readonly orders: Map<OrderId, WatchedOrder>
  watermark: Instant
  /** The changes that `orders` reflects. */
  seenChanges: number
  /** Emitted since the watermark last moved. */
  emitted: boolean
  /** Orders that have repetitions on their way to being given up: until all are, the watermark stays. */
  givingUp: number
  /** Somebody else owns it, or shall: nothing of it is emitted or answered any more. */
  lost: boolean
}

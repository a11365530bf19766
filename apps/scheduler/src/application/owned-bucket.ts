import type { Bucket, Instant, OrderId } from '@quarry/domain'
import type { BucketHold } from '@quarry/storage-port'
import type { WatchedOrder } from './watched-order.ts'

/** A bucket that this scheduler has claimed. Everything due up to `watermark` was emitted when it was claimed or last moved. */
export interface OwnedBucket {
  readonly bucket: Bucket
  readonly hold: BucketHold
  /** Its orders of which nothing is due, and those just being worked on; all others are in the `DueQueue`. */
  readonly awake: Map<OrderId, WatchedOrder>
  watermark: Instant
  /** Nothing due later was emitted, by us or anybody. */
  horizon: Instant
  /** The horizon that the owners before us left behind: they may have emitted up to there. */
  readonly inheritedHorizon: Instant
  /** The changes that its orders reflect. */
  seenChanges: number
  /** Emitted since the watermark last moved. */
  emitted: boolean
  /** Orders that have repetitions on their way to being given up: until all are, the watermark stays. */
  givingUp: number
  /** Somebody else owns it, or shall: nothing of it is emitted or answered any more. */
  lost: boolean
}

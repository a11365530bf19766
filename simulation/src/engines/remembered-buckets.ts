import { bucketOf, type Bucket } from '@quarry/domain'
import type { BucketState, ScheduleStore } from '@quarry/storage-port'

/**
 * The same store, which reads a bucket's row again only after a call that may have changed it. Exact, because every call
 * of the simulation goes through here; schedulers look at all their buckets every round, which was most of all the work.
 */
export function rememberingBuckets(store: ScheduleStore): ScheduleStore {
  const known = new Map<Bucket, Promise<BucketState>>()
  const changing = async <T>(bucket: Bucket, work: Promise<T>): Promise<T> => {
    try {
      return await work
    } finally {
      known.delete(bucket)
    }
  }
  return {
    bucket: (bucket) => {
      const state = known.get(bucket) ?? store.bucket(bucket)
      known.set(bucket, state)
      return state
    },
    claim: (bucket, expected, owner) => changing(bucket, store.claim(bucket, expected, owner)),
    entries: (bucket) => store.entries(bucket),
    entriesChangedSince: (bucket, seenChanges) => store.entriesChangedSince(bucket, seenChanges),
    find: (orderId) => store.find(orderId),
    findMany: (orderIds) => store.findMany(orderIds),
    activate: (entry, now) => changing(bucketOf(entry.order.id), store.activate(entry, now)),
    request: (orderId, request) => changing(bucketOf(orderId), store.request(orderId, request)),
    answer: (hold, orderId, answer) => changing(hold.bucket, store.answer(hold, orderId, answer)),
    erase: (orderId) => store.erase(orderId),
    extend: (hold, horizon) => changing(hold.bucket, store.extend(hold, horizon)),
    advance: (hold, watermark, seenChanges) => changing(hold.bucket, store.advance(hold, watermark, seenChanges)),
  }
}

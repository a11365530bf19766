import type { Bucket, Clock, Instant } from '@quarry/domain'
import type { ScheduleStore } from '@quarry/storage-port'
import type { ExtendHorizon } from './extend-horizon.ts'
import { LostBucket } from './lost-bucket.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import { LOOK_HOLDS_MS } from './watch-clock.ts'
import type { WatchedOrder } from './watched-order.ts'

/** Buckets looked at in the store at once. */
const LOOK_BATCH = 64

/** The buckets that this scheduler owns, until the store says that somebody else does. */
export class OwnedBuckets {
  readonly #schedule: ScheduleStore
  readonly #clock: Clock
  readonly #extendHorizon: ExtendHorizon
  readonly #forget: (bucket: OwnedBucket) => void
  /** When each was last looked at and ours. */
  readonly #seenAt = new WeakMap<OwnedBucket, Instant>()
  readonly #buckets = new Map<Bucket, OwnedBucket>()

  /** `forget` is told of every bucket that is dropped, while its orders that are awake are still known. */
  constructor(
    deps: { schedule: ScheduleStore; clock: Clock; extendHorizon: ExtendHorizon },
    forget: (bucket: OwnedBucket) => void,
  ) {
    this.#schedule = deps.schedule
    this.#clock = deps.clock
    this.#extendHorizon = deps.extendHorizon
    this.#forget = forget
  }

  get numbers(): readonly Bucket[] {
    return [...this.#buckets.keys()]
  }

  get all(): readonly OwnedBucket[] {
    return [...this.#buckets.values()]
  }

  /** Their orders of which nothing is due, or that are being worked on. */
  get awake(): readonly WatchedOrder[] {
    return this.all.flatMap((bucket) => [...bucket.awake.values()])
  }

  get(bucket: Bucket): OwnedBucket | undefined {
    return this.#buckets.get(bucket)
  }

  /** From now on ours, unless it was lost on the way. */
  add(bucket: OwnedBucket): void {
    if (!bucket.lost) this.#buckets.set(bucket.bucket, bucket)
  }

  drop(bucket: OwnedBucket): void {
    bucket.lost = true
    if (this.#buckets.get(bucket.bucket) === bucket) this.#buckets.delete(bucket.bucket)
    this.#forget(bucket)
    bucket.awake.clear()
  }

  /** Drops those of the buckets that somebody else has claimed. Returns those of the others where entries changed. */
  async dropLost(buckets: Iterable<OwnedBucket>): Promise<Bucket[]> {
    const all = [...buckets]
    const changed: Bucket[] = []
    for (let at = 0; at < all.length; at += LOOK_BATCH) {
      const batch = all.slice(at, at + LOOK_BATCH)
      const lookedAt = this.#clock.now()
      const states = await Promise.all(batch.map(({ bucket }) => this.#schedule.bucket(bucket)))
      for (const [index, bucket] of batch.entries()) {
        if (states[index]!.epoch !== bucket.hold.epoch) {
          this.drop(bucket)
          continue
        }
        this.#seenAt.set(bucket, lookedAt)
        if (states[index]!.changes !== bucket.seenChanges) changed.push(bucket.bucket)
      }
    }
    return changed
  }

  /**
   * Those of the orders whose buckets are still ours, to emit what is due of them by `now`: somebody whose process slept must
   * not emit what the next owner may have refunded meanwhile. Spares those that were seen to be ours a moment before: with a
   * hundred thousand orders due at once, looking at every bucket for every batch would be most of the work.
   */
  async readyToEmit(orders: readonly WatchedOrder[], now: Instant): Promise<WatchedOrder[]> {
    const isFresh = (seenAt: Instant) => seenAt <= now && now - seenAt < LOOK_HOLDS_MS
    const buckets = new Set(orders.map(({ bucket }) => bucket))
    await this.dropLost([...buckets].filter((bucket) => !isFresh(this.#seenAt.get(bucket) ?? -Infinity)))
    await this.forEach(orders, ({ bucket }) => this.#extendHorizon.run(bucket, now))
    const mine = orders.filter(({ bucket }) => !bucket.lost)
    for (const { bucket } of mine) bucket.emitted = true
    return mine
  }

  /**
   * Does something with each of these orders as their buckets' owner: one after the other in a bucket, where they would only
   * get into each other's way, and the buckets side by side. Throws the first failure once all others are done.
   */
  async forEach(orders: readonly WatchedOrder[], action: (watched: WatchedOrder) => Promise<void>): Promise<void> {
    const outcomes = await Promise.allSettled(
      [...Map.groupBy(orders, ({ bucket }) => bucket)].map(async ([bucket, theirs]) => {
        for (const watched of theirs) if (!bucket.lost) await this.guard(bucket, () => action(watched))
      }),
    )
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure) throw failure.reason
  }

  /** Does something as the bucket's owner; when that turns out to be somebody else, the bucket is dropped. */
  async guard(bucket: OwnedBucket, action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!(error instanceof LostBucket)) throw error
      this.drop(bucket)
    }
  }
}

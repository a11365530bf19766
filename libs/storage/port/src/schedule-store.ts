import type {
  Bucket,
  EntryRequest,
  Instant,
  OrderId,
  OwnerAnswer,
  Result,
  ScheduleEntry,
  WrongEntryState,
} from '@quarry/domain'

export type { EntryRequest, OwnerAnswer, WrongEntryState }

/** Rises by one with every claim of a bucket; the store refuses whoever holds a lower one. */
export type Epoch = number

/** Where a bucket's scheduling stands. A bucket that nobody has touched has epoch 0, watermark and horizon 0 and no changes. */
export interface BucketState {
  readonly bucket: Bucket
  readonly epoch: Epoch
  /** The scheduler that claimed it last; undefined when none did. */
  readonly owner?: string
  /** Every repetition due up to here has been emitted. */
  readonly watermark: Instant
  /** No repetition due later than this has been emitted, by whatever clock its owners went. */
  readonly horizon: Instant
  /** Rises with every change of an entry in the bucket that its owner has to know of. */
  readonly changes: number
}

/** Proof of ownership, checked by the store in every owner's call. */
export interface BucketHold {
  readonly bucket: Bucket
  readonly epoch: Epoch
}

/** The epoch is not the one expected: somebody else claimed the bucket. */
export interface EpochConflict {
  readonly kind: 'epoch-conflict'
  readonly epoch: Epoch
}

/** Entries changed since `seenChanges`; read them, emit what they owe, then try again. */
export interface UnseenChanges {
  readonly kind: 'unseen-changes'
  readonly changes: number
}

export interface EntryNotFound {
  readonly kind: 'not-found'
}

/**
 * The entries of every bucket and where its scheduling stands. All methods are linearizable per bucket.
 * Throws `Unavailable` when nothing was done, `UnknownOutcome` when it may have been: read again before deciding;
 * repeating `activate`, `extend`, `advance` and `answer` with the same arguments is safe.
 * The transitions themselves are pure functions of the domain (`activateEntry`, `requestChange`, `answerEntry`), so every adapter agrees on them.
 */
export interface ScheduleStore {
  bucket(bucket: Bucket): Promise<BucketState>
  /** Takes the bucket over with epoch `expected + 1`. Of many callers with the same `expected`, one wins. */
  claim(bucket: Bucket, expected: Epoch, owner: string): Promise<Result<BucketState, EpochConflict>>
  /** Every entry of the bucket that is not `closed`, with the `changes` they were read at. */
  entries(bucket: Bucket): Promise<{ readonly changes: number; readonly entries: readonly ScheduleEntry[] }>
  /** The entries touched by the changes after `seenChanges`, closed ones included, with the `changes` they were read at. */
  entriesChangedSince(
    bucket: Bucket,
    seenChanges: number,
  ): Promise<{ readonly changes: number; readonly entries: readonly ScheduleEntry[] }>
  find(orderId: OrderId): Promise<ScheduleEntry | undefined>
  /** As `find`, for many; the answer has the same order, with undefined for those that are not there. */
  findMany(orderIds: readonly OrderId[]): Promise<readonly (ScheduleEntry | undefined)[]>
  /**
   * Puts a new entry into its bucket, raises `changes`, and returns it as stored. When the first repetition would be due
   * at or before the watermark, its segment's base moves to `now` (or just after the watermark, if that is later), so that
   * it is emitted. Of an order that is already there: changes nothing, returns what is stored.
   */
  activate(entry: ScheduleEntry, now: Instant): Promise<ScheduleEntry>
  /** Records a customer's wish and raises `changes`. Asking for what is already so changes nothing and succeeds. */
  request(orderId: OrderId, request: EntryRequest): Promise<Result<ScheduleEntry, EntryNotFound | WrongEntryState>>
  /** Records the owner's answer; does not raise `changes`. Repeating an answer changes nothing and succeeds. */
  answer(
    hold: BucketHold,
    orderId: OrderId,
    answer: OwnerAnswer,
  ): Promise<Result<ScheduleEntry, EpochConflict | EntryNotFound | WrongEntryState>>
  /**
   * States that repetitions due up to `horizon` may be emitted from now on. To be called before any is: the next owner takes
   * each of them for one that may have been. A horizon never moves back: a lower one succeeds and changes nothing.
   */
  extend(hold: BucketHold, horizon: Instant): Promise<Result<void, EpochConflict>>
  /**
   * States that everything due up to `watermark` has been emitted. A watermark never moves back: a lower one succeeds
   * and changes nothing. Refused when the epoch is not the latest, or when entries changed since `seenChanges`.
   */
  advance(
    hold: BucketHold,
    watermark: Instant,
    seenChanges: number,
  ): Promise<Result<void, EpochConflict | UnseenChanges>>
  /** Forgets a `closed` entry for good; one that is open stays. Repeating it is safe. */
  erase(orderId: OrderId): Promise<void>
}

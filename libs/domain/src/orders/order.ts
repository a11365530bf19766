import type { Instant } from '../clock.ts'
import type { OrderId, UserId } from '../ids.ts'

/** Hours of a week, by the clocks of the schedule's zone. */
export interface TimeWindow {
  /** Weekdays on which it opens: 1 Monday to 7 Sunday, ascending, each once. */
  readonly days: readonly number[]
  /** Minutes since midnight, 0 to 1439. */
  readonly fromMinute: number
  /** Minutes since midnight, exclusive, 1 to 1440; no later than `fromMinute` it is the next day's. */
  readonly untilMinute: number
}

/** When an order is due. `dueAt` in `schedule/` is the pure function over it. */
export type Schedule =
  | { readonly kind: 'once'; readonly startAt: Instant }
  | {
      readonly kind: 'interval'
      readonly startAt: Instant
      readonly intervalMs: number
      /** Where the windows' clocks are; set together with them. */
      readonly timeZone?: string
      /** Times outside are left out, or move to the next opening when it has no time of its own (`IntervalTimes`). */
      readonly windows?: readonly TimeWindow[]
      /** Each time is put off by so much at most (`JitteredTimes`). */
      readonly jitterMs?: number
    }
  | {
      readonly kind: 'cron'
      readonly startAt: Instant
      readonly expression: string
      readonly timeZone: string
      readonly jitterMs?: number
    }

/**
 * From repetition `fromRep` on, time is counted from `baseAt`: the first segment starts at repetition 0, each resume
 * and each "run now" appends to the list, so that `dueAt` stays pure. Both fields never fall from one segment to the next.
 */
export interface Segment {
  readonly fromRep: number
  readonly baseAt: Instant
  /** The segment's one repetition is due at `baseAt` itself, whatever the schedule says ("run now"). */
  readonly immediate?: true
}

/**
 * What becomes of repetitions that fell due while no scheduler ran, once they are too old to be merely late
 * (`CATCH_UP_GRACE_MS`): `latest` runs the newest and refunds the others, `all` runs every one, `none` refunds all.
 */
export type CatchUp = 'latest' | 'all' | 'none'

/** A customer's wish, as placed. It never changes: where it stands is told by its `ScheduleEntry`. */
export interface Order {
  readonly id: OrderId
  readonly customerId: UserId
  /** Free text of the customer, may be empty. */
  readonly name: string
  /** Normalised by `parseTarget`. */
  readonly url: string
  /** The politeness key of the URL: host name, and port unless it is the scheme's own. */
  readonly host: string
  readonly schedule: Schedule
  readonly repetitions: number
  /** Coins for each repetition; more than one is served earlier. */
  readonly priceCoins: number
  /** How long after its due time a repetition may still be tried; then it is refunded. */
  readonly patienceMs: number
  readonly catchUp: CatchUp
  readonly createdAt: Instant
  /** The customer's own words for finding orders again; set when there are any. */
  readonly tags?: readonly string[]
  /** What the customer gave instead of `repetitions`, which were counted up to here when it was placed. */
  readonly until?: Instant
  /** What the customer wants to see of each page; taken from it by whoever shows it. */
  readonly extract?: readonly ExtractField[]
}

/** One value of a page: what the CSS selector finds, its text or an attribute of it. */
export interface ExtractField {
  readonly name: string
  readonly selector: string
  readonly attribute?: string | undefined
  readonly take: 'first' | 'all'
}

/**
 * `pausing` and `cancelling` last until the bucket's owner has said which repetition is the first it will not emit;
 * `cancelling` also until the refund is confirmed. `finished`: every repetition has been emitted.
 */
export type EntryState = 'active' | 'pausing' | 'paused' | 'cancelling' | 'cancelled' | 'finished'

/** What a scheduler needs of an order, in its bucket. */
export interface ScheduleEntry {
  readonly order: Order
  readonly state: EntryState
  /** At least one; the last whose `fromRep` is not above a repetition counts for it. */
  readonly segments: readonly Segment[]
  /** Said by the owner on pause and cancel: the first repetition that is not emitted. Unset while active. */
  readonly firstSkipped?: number
  /** The customer's words on a pause. */
  readonly reason?: string
  /** "Run now" requests that the owner has not answered yet: each brings the next repetition forward to now. */
  readonly runNow: number
  /** Every emitted repetition is settled and none will follow: a scheduler need not load the entry any more. */
  readonly closed: boolean
}

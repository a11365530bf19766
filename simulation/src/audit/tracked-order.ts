import { dueAt, firstRepAfter, planOf, type Instant, type Order, type ScheduleEntry } from '@quarry/domain'

/** An order as the witness knows it from what the engines were told. */
export class TrackedOrder {
  readonly order: Order
  entry: ScheduleEntry
  /** When the customer or the owner last moved its repetitions in time. */
  movedAt: Instant
  /** Repetitions that were due for sure when the customer asked for a pause or cancel. */
  owedWhenAsked = 0
  readonly #dealtWith = new Set<number>()
  #below = 0

  constructor(entry: ScheduleEntry, now: Instant) {
    this.order = entry.order
    this.entry = entry
    this.movedAt = now
  }

  /** Emitted, or given up. */
  dealWith(rep: number): void {
    this.#dealtWith.add(rep)
    while (this.#dealtWith.has(this.#below)) this.#below++
  }

  wasDealtWith(rep: number): boolean {
    return rep < this.#below || this.#dealtWith.has(rep)
  }

  /** Every repetition below it was emitted or given up. */
  get dealtWithBelow(): number {
    return this.#below
  }

  /** The highest repetition emitted or given up; -1 for none. */
  get highest(): number {
    return Math.max(this.#below - 1, ...[...this.#dealtWith].filter((rep) => rep >= this.#below))
  }

  /** Where emission stops by what the owner said; undefined while nothing was said. */
  get firstSkipped(): number | undefined {
    const { state, firstSkipped } = this.entry
    return state === 'paused' || state === 'cancelling' || state === 'cancelled' ? firstSkipped : undefined
  }

  /** The first repetition that is due by `instant` and was neither emitted nor given up; of an active order only. */
  missedBy(instant: Instant): number | undefined {
    if (this.entry.state !== 'active' || this.#below >= this.order.repetitions) return undefined
    return this.dueBy(instant) > this.#below ? this.#below : undefined
  }

  /** How many repetitions are due by `instant`. */
  dueBy(instant: Instant): number {
    return firstRepAfter(planOf(this.entry), instant)
  }

  dueAt(rep: number): Instant {
    return dueAt(planOf(this.entry), rep)
  }
}

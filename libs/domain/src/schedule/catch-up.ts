import type { Instant } from '../clock.ts'
import type { CatchUp } from '../orders/order.ts'
import { firstRepAfter } from './due.ts'
import type { Due, Plan } from './plan.ts'

/** A repetition less late than this is merely late and is run whatever its order's catch-up rule says. */
export const CATCH_UP_GRACE_MS = 120_000

/**
 * Which of the repetitions missed until `now`, given in order of `rep`, are run now and which are refunded. The ones
 * younger than the grace are run. Of the older ones `all` runs every one, `none` none, and `latest` the newest, unless a
 * younger one runs anyway. So what is skipped always comes before what is run.
 */
export function catchUp(missed: { rule: CatchUp; missed: readonly Due[]; now: Instant }): {
  readonly run: readonly Due[]
  readonly skip: readonly Due[]
} {
  const young = missed.missed.findIndex((due) => isYoung(due.dueAt, missed.now))
  const end = missed.missed.length
  const firstRun = splitAt(missed.rule, { from: 0, firstYoung: young < 0 ? end : young, end })
  return { run: missed.missed.slice(firstRun), skip: missed.missed.slice(0, firstRun) }
}

/**
 * As `catchUp` for an order whose repetitions from `from` on have not been emitted, without listing them: `from` up to
 * `runFrom` (exclusive) are refunded, `runFrom` up to `end` (exclusive) are run now, `end` on is not due yet.
 */
export function catchUpRange(behind: { rule: CatchUp; plan: Plan; from: number; now: Instant }): {
  readonly runFrom: number
  readonly end: number
} {
  const { rule, plan, from, now } = behind
  const end = Math.max(from, firstRepAfter(plan, now))
  const firstYoung = Math.max(from, firstRepAfter(plan, now - CATCH_UP_GRACE_MS))
  return { runFrom: splitAt(rule, { from, firstYoung, end }), end }
}

function isYoung(dueAt: Instant, now: Instant): boolean {
  return dueAt > now - CATCH_UP_GRACE_MS
}

function splitAt(rule: CatchUp, missed: { from: number; firstYoung: number; end: number }): number {
  switch (rule) {
    case 'all':
      return missed.from
    case 'none':
      return missed.firstYoung
    case 'latest':
      return missed.firstYoung < missed.end ? missed.firstYoung : Math.max(missed.from, missed.end - 1)
  }
}

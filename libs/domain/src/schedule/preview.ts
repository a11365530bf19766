import type { Instant } from '../clock.ts'
import type { Schedule } from '../orders/order.ts'
import { dueAt, firstDueAfter, firstRepAfter, nextDue } from './due.ts'
import type { Due, Plan } from './plan.ts'
import { timesOf } from './times-of.ts'

/** The end of an order is looked for on no more days, or in no more windows, than this on which it is due. */
const MOST_DAYS = 5000

/** At most `limit` repetitions from `fromRep` on with their due times, in order. */
export function upcoming(plan: Plan, from: { fromRep: number; limit: number }): Due[] {
  if (from.fromRep >= plan.repetitions) return []
  return following(plan, { rep: from.fromRep, dueAt: dueAt(plan, from.fromRep) }, from.limit)
}

/** As `upcoming`, for the repetitions due strictly after `instant`. */
export function upcomingAfter(plan: Plan, instant: Instant, limit: number): Due[] {
  const first = firstDueAfter(plan, instant)
  return first ? following(plan, first, limit) : []
}

function following(plan: Plan, first: Due, limit: number): Due[] {
  const dues: Due[] = []
  let due: Instant | undefined = first.dueAt
  for (let rep = first.rep; due !== undefined && due !== Infinity && dues.length < limit; rep++) {
    dues.push({ rep, dueAt: due })
    due = nextDue(plan, rep, due)
  }
  return dues
}

/** When the last repetition is due; undefined for cron and windows when finding out would take too long. */
export function endsAt(plan: Plan): Instant | undefined {
  const { schedule, segments } = plan
  const last = plan.repetitions - 1
  const times = timesOf(schedule, plan.orderId)
  const segment = segments.findLast((candidate) => candidate.fromRep <= last)
  if (!times || !segment || segment.immediate) return dueAt(plan, last)
  const due = times.nth(segment.baseAt, last - segment.fromRep, MOST_DAYS)
  return due === Infinity ? undefined : due
}

/** How many repetitions a schedule has from its start to `until`, both included, at most `most`. */
export function repetitionsUntil(schedule: Schedule, until: Instant, most: number): number {
  const plan = { schedule, repetitions: most, segments: [{ fromRep: 0, baseAt: schedule.startAt }] }
  return firstRepAfter(plan, until)
}

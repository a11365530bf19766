import type { Instant } from '../clock.ts'
import type { ScheduleEntry, Segment } from '../orders/order.ts'
import type { Due, Plan } from './plan.ts'
import { timesOf } from './times-of.ts'

/** The part of an entry that fixes when its repetitions are due. */
export function planOf(entry: Pick<ScheduleEntry, 'order' | 'segments'>): Plan {
  const { id, schedule, repetitions } = entry.order
  return { schedule, repetitions, segments: entry.segments, orderId: id }
}

/**
 * When repetition `rep` is due. Never falls from one repetition to the next. `Infinity` for a cron schedule that does
 * not come so often; `RangeError` for a repetition that the plan does not have. Cheap for once and a plain interval; for cron
 * and for windows it counts days from the segment's base, so go from repetition to repetition with `nextDue`.
 */
export function dueAt(plan: Plan, rep: number): Instant {
  if (!Number.isSafeInteger(rep) || rep < 0 || rep >= plan.repetitions) {
    throw new RangeError(`repetition ${rep} of ${plan.repetitions}`)
  }
  const segment = segmentOf(plan.segments, rep)
  return dueWithin(plan, segment, Math.max(0, rep - segment.fromRep))
}

/** When the repetition after `rep` is due, given when `rep` is; undefined when it was the last. One step, no allocation. */
export function nextDue(plan: Plan, rep: number, repDueAt: Instant): Instant | undefined {
  const next = rep + 1
  if (next >= plan.repetitions) return undefined
  const times = timesOf(plan.schedule, plan.orderId)
  if (!times) return dueAt(plan, next)
  const segment = segmentOf(plan.segments, next)
  if (segment.fromRep >= next || segment.immediate) return dueWithin(plan, segment, 0)
  const due = times.after(repDueAt)
  return due === Infinity ? undefined : due
}

/** The lowest repetition due strictly after `instant`; `plan.repetitions` when there is none. */
export function firstRepAfter(plan: Plan, instant: Instant): number {
  const { segments, repetitions } = plan
  let at = segments.length - 1
  while (at > 0 && segments[at]!.baseAt > instant) at--
  for (; at < segments.length; at++) {
    const segment = segments[at]!
    const end = Math.min(segments[at + 1]?.fromRep ?? repetitions, repetitions)
    const rep = segment.fromRep + dueUntil(plan, segment, { instant, most: end - segment.fromRep })
    if (rep < end) return rep
  }
  return repetitions
}

/** As `firstRepAfter`, with the due time; undefined when there is none. */
export function firstDueAfter(plan: Plan, instant: Instant): Due | undefined {
  const rep = firstRepAfter(plan, instant)
  if (rep >= plan.repetitions) return undefined
  const due = dueAfter(plan, rep, instant)
  return due === Infinity ? undefined : { rep, dueAt: due }
}

/** The lowest time at or after `from` on the grid that `rep` follows; for times that never come again `from` itself. */
export function gridTimeFrom(plan: Plan, rep: number, from: Instant): Instant {
  const { schedule, segments } = plan
  const covering = segmentOf(segments, rep)
  const segment = covering.immediate ? (segments[segments.indexOf(covering) + 1] ?? covering) : covering
  const earliest = Math.max(segment.baseAt, from)
  if (schedule.kind === 'once') return earliest
  const times = timesOf(schedule, plan.orderId)
  if (schedule.kind === 'interval' && !times) {
    const steps = Math.ceil((earliest - segment.baseAt) / schedule.intervalMs)
    return segment.baseAt + steps * schedule.intervalMs
  }
  const due = times?.after(earliest - 1) ?? Infinity
  return due === Infinity ? earliest : due
}

function segmentOf(segments: readonly Segment[], rep: number): Segment {
  for (let at = segments.length - 1; at > 0; at--) {
    if (segments[at]!.fromRep <= rep) return segments[at]!
  }
  return segments[0]!
}

/** When the `steps`-th repetition of a segment is due, counted from 0. */
function dueWithin({ schedule, orderId }: Plan, segment: Segment, steps: number): Instant {
  if (segment.immediate || schedule.kind === 'once') return segment.baseAt
  const times = timesOf(schedule, orderId)
  if (times) return times.nth(segment.baseAt, steps)
  return schedule.kind === 'interval' ? segment.baseAt + steps * schedule.intervalMs : Infinity
}

/** How many of a segment's first `most` repetitions are due at or before `instant`. */
function dueUntil({ schedule, orderId }: Plan, segment: Segment, until: { instant: Instant; most: number }): number {
  if (segment.baseAt > until.instant) return 0
  if (segment.immediate || schedule.kind === 'once') return until.most
  const times = timesOf(schedule, orderId)
  if (times) return times.count(segment.baseAt, until.instant, until.most)
  if (schedule.kind !== 'interval') return 0
  return Math.min(until.most, Math.floor((until.instant - segment.baseAt) / schedule.intervalMs) + 1)
}

/** When `rep`, the first repetition due after `instant`, is due: without counting from the segment's base. */
function dueAfter(plan: Plan, rep: number, instant: Instant): Instant {
  const times = timesOf(plan.schedule, plan.orderId)
  if (!times) return dueAt(plan, rep)
  const segment = segmentOf(plan.segments, rep)
  return segment.fromRep >= rep || segment.immediate ? dueWithin(plan, segment, 0) : times.after(instant)
}

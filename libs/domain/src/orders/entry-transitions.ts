import type { Instant } from '../clock.ts'
import { err, ok, type Result } from '../result.ts'
import { dueAt, gridTimeFrom, planOf } from '../schedule/due.ts'
import { timesOf } from '../schedule/times-of.ts'
import type { Order, ScheduleEntry, Segment } from './order.ts'

/** What a customer can ask of an entry. Pause, cancel and run-now are only wishes until the bucket's owner answers. */
export type EntryRequest =
  | { readonly kind: 'pause'; readonly reason?: string }
  | { readonly kind: 'resume'; readonly now: Instant }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'run-now' }

/**
 * What the bucket's owner says of an entry, once it has acted on it.
 * `stopped`: answers `pausing` (becomes `paused`) and `cancelling` (stays so until `refunded`).
 * `refunded`: the cancelled order's remaining coins are on their way for sure; `cancelling` becomes `cancelled`.
 * `brought-forward`: answers one `run-now` request, repetition `rep` is due at `at`.
 * `emitted-all`: `active` (or `pausing`, too late to matter) becomes `finished`.
 * `settled`: every emitted repetition has its run row; sets `closed`.
 */
export type OwnerAnswer =
  | { readonly kind: 'stopped'; readonly firstSkipped: number }
  | { readonly kind: 'refunded' }
  | { readonly kind: 'brought-forward'; readonly rep: number; readonly at: Instant }
  | { readonly kind: 'emitted-all' }
  | { readonly kind: 'settled' }

/** The entry's state does not allow what was asked or said. */
export interface WrongEntryState {
  readonly kind: 'wrong-state'
  readonly entry: ScheduleEntry
}

/** An entry after a transition; `changed` is false when it already was as wished, and nothing needs storing. */
export interface EntryTransition {
  readonly entry: ScheduleEntry
  readonly changed: boolean
}

/**
 * Segments kept of one entry, so that it stays small however often it is paused and brought forward. Older ones are
 * forgotten: the repetitions before the first segment kept, emitted long ago, then count as due at its base.
 */
export const MAX_SEGMENTS = 512

/** The entry of an order that is about to be activated. */
export function newEntry(order: Order): ScheduleEntry {
  return {
    order,
    state: 'active',
    segments: [{ fromRep: 0, baseAt: order.schedule.startAt }],
    runNow: 0,
    closed: false,
  }
}

/**
 * Fits a new entry into its bucket: when its first repetition would be due at or before the watermark, nobody would emit
 * it, so its one segment's base moves to `now`, or just after the watermark if that is later. Of an interval with windows or
 * jitter, whose grid is fixed by its start, only that first repetition moves.
 */
export function activateEntry(entry: ScheduleEntry, watermark: Instant, now: Instant): ScheduleEntry {
  if (dueAt(planOf(entry), 0) > watermark) return entry
  const baseAt = Math.max(now, watermark + 1)
  const { id, schedule } = entry.order
  if (schedule.kind !== 'interval' || !timesOf(schedule, id)) return { ...entry, segments: [{ fromRep: 0, baseAt }] }
  const segments: Segment[] = [
    { fromRep: 0, baseAt, immediate: true },
    { fromRep: 1, baseAt: baseAt + 1 },
  ]
  return { ...entry, segments }
}

/**
 * Records a customer's wish. Asking for what is so already is an unchanged success. A pause or cancel drops run-now
 * wishes not yet answered; a resume while still `pausing` takes the pause back as if it had never been asked for.
 */
export function requestChange(entry: ScheduleEntry, request: EntryRequest): Result<EntryTransition, WrongEntryState> {
  switch (request.kind) {
    case 'pause':
      return requestPause(entry, request.reason)
    case 'resume':
      return requestResume(entry, request.now)
    case 'cancel':
      return requestCancel(entry)
    case 'run-now':
      return entry.state === 'active' ? changed({ ...entry, runNow: entry.runNow + 1 }) : wrong(entry)
  }
}

/** Records what the bucket's owner did. Repeating an answer is an unchanged success. */
export function answerEntry(entry: ScheduleEntry, answer: OwnerAnswer): Result<EntryTransition, WrongEntryState> {
  switch (answer.kind) {
    case 'stopped':
      return answerStopped(entry, answer.firstSkipped)
    case 'refunded':
      if (entry.state === 'cancelled') return unchanged(entry)
      if (entry.state !== 'cancelling' || entry.firstSkipped === undefined) return wrong(entry)
      return changed({ ...entry, state: 'cancelled' })
    case 'brought-forward':
      return answerBroughtForward(entry, answer.rep, answer.at)
    case 'emitted-all':
      if (entry.state === 'finished') return unchanged(entry)
      if (entry.state !== 'active' && entry.state !== 'pausing') return wrong(entry)
      return changed({ ...withoutPause(entry), state: 'finished', runNow: 0 })
    case 'settled':
      if (entry.state !== 'finished' && entry.state !== 'cancelled') return wrong(entry)
      return entry.closed ? unchanged(entry) : changed({ ...entry, closed: true })
  }
}

function requestPause(entry: ScheduleEntry, reason: string | undefined): Result<EntryTransition, WrongEntryState> {
  if (entry.state === 'pausing' || entry.state === 'paused') return unchanged(entry)
  if (entry.state !== 'active') return wrong(entry)
  return changed({ ...entry, state: 'pausing', runNow: 0, ...(reason === undefined ? {} : { reason }) })
}

function requestResume(entry: ScheduleEntry, now: Instant): Result<EntryTransition, WrongEntryState> {
  if (entry.state === 'active') return unchanged(entry)
  if (entry.state === 'pausing') return changed({ ...withoutPause(entry), state: 'active' })
  if (entry.state !== 'paused' || entry.firstSkipped === undefined) return wrong(entry)
  const segments = segmentsAfterPause(entry, entry.firstSkipped, now)
  return changed({ ...withoutPause(entry), state: 'active', segments })
}

function requestCancel(entry: ScheduleEntry): Result<EntryTransition, WrongEntryState> {
  if (entry.state === 'cancelling' || entry.state === 'cancelled') return unchanged(entry)
  if (entry.state === 'finished') return wrong(entry)
  const { reason: _, ...rest } = entry
  return changed({ ...rest, state: 'cancelling', runNow: 0 })
}

function answerStopped(entry: ScheduleEntry, firstSkipped: number): Result<EntryTransition, WrongEntryState> {
  if (entry.firstSkipped !== undefined) return entry.firstSkipped === firstSkipped ? unchanged(entry) : wrong(entry)
  if (entry.state === 'pausing') return changed({ ...entry, state: 'paused', firstSkipped })
  return entry.state === 'cancelling' ? changed({ ...entry, firstSkipped }) : wrong(entry)
}

/**
 * Repetition `rep` moves to `at`, the following ones keep the old grid, each one repetition earlier. `at` is held
 * between the neighbours' due times, for a clock that stepped back and for a repetition that was due before anyway.
 */
function answerBroughtForward(
  entry: ScheduleEntry,
  rep: number,
  at: Instant,
): Result<EntryTransition, WrongEntryState> {
  if (entry.segments.some((segment) => segment.immediate && segment.fromRep === rep)) return unchanged(entry)
  const running = entry.state === 'active' || entry.state === 'pausing' || entry.state === 'cancelling'
  if (!running || rep >= (entry.firstSkipped ?? entry.order.repetitions)) return wrong(entry)
  const plan = planOf(entry)
  const dueBefore = dueAt(plan, rep)
  const earliest = rep === 0 ? at : Math.max(at, dueAt(plan, rep - 1))
  const segments: Segment[] = [
    ...entry.segments.filter((segment) => segment.fromRep < rep),
    { fromRep: rep, baseAt: Math.min(earliest, dueBefore), immediate: true },
    { fromRep: rep + 1, baseAt: dueBefore },
    ...entry.segments
      .filter((segment) => segment.fromRep > rep)
      .map((segment) => ({ ...segment, fromRep: segment.fromRep + 1 })),
  ]
  return changed({ ...entry, segments: newest(segments), runNow: Math.max(0, entry.runNow - 1) })
}

/** What was never emitted, `rep` and all after it, goes on at the next time of the old grid from `now` on, never at a time that was used already. */
function segmentsAfterPause(entry: ScheduleEntry, rep: number, now: Instant): readonly Segment[] {
  if (rep >= entry.order.repetitions) return entry.segments
  const plan = planOf(entry)
  const from = rep === 0 ? now : Math.max(now, dueAt(plan, rep - 1) + 1)
  const emitted = entry.segments.filter((segment) => segment.fromRep < rep)
  return newest([...emitted, { fromRep: rep, baseAt: gridTimeFrom(plan, rep, from) }])
}

function newest(segments: readonly Segment[]): readonly Segment[] {
  return segments.slice(-MAX_SEGMENTS)
}

function withoutPause(entry: ScheduleEntry): ScheduleEntry {
  const { firstSkipped: _, reason: __, ...rest } = entry
  return rest
}

function changed(entry: ScheduleEntry): Result<EntryTransition, WrongEntryState> {
  return ok({ entry, changed: true })
}

function unchanged(entry: ScheduleEntry): Result<EntryTransition, WrongEntryState> {
  return ok({ entry, changed: false })
}

function wrong(entry: ScheduleEntry): Result<EntryTransition, WrongEntryState> {
  return err({ kind: 'wrong-state', entry })
}

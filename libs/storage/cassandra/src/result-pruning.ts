import type { Instant, OrderId, UserId } from '@quarry/domain'
import type { CassandraEngine } from './cassandra-engine.ts'
import { ResultBodies } from './result-bodies.ts'
import { ResultDays } from './result-days.ts'
import { ResultLog, type LogEntry, type LogHead } from './result-log.ts'
import { inParallel } from './result-parallel.ts'
import { CHUNK_REPS, chunkOf, dayOf, decodeRun } from './result-rows.ts'
import { ResultRuns } from './result-runs.ts'

const FORGETTING_AT_ONCE = 32
const ENTRIES_AT_ONCE = 500
/** How far behind another server's clock may be: what it stored is found behind entries that are not old yet. */
const CLOCKS_DIFFER_MS = 60_000

/**
 * One call of retention. Of each customer it first begins a new epoch, so that writers forget what they remember; then
 * bodies and runs go, and the log's entries last: they are the list of what is still to be done, so that a call that
 * dies is simply repeated.
 */
export class ResultPruning {
  readonly #engine: CassandraEngine
  readonly #runs: ResultRuns
  readonly #bodies: ResultBodies
  readonly #days: ResultDays
  readonly #before: Instant
  readonly #epochs = new Map<UserId, number>()
  #left: number

  constructor(engine: CassandraEngine, before: Instant, limit: number) {
    this.#engine = engine
    this.#runs = new ResultRuns(engine)
    this.#bodies = new ResultBodies(engine)
    this.#days = new ResultDays(engine)
    this.#before = before
    this.#left = limit
  }

  /** How many runs went. */
  async run(): Promise<number> {
    const limit = this.#left
    // A segment may be begun by a server whose clock is a little ahead.
    for (const day of await this.#days.upTo(dayOf(this.#before) + 1)) {
      const segments = await this.#days.segments(day)
      for (const { customerId, segment } of segments) {
        if (this.#left <= 0) return limit
        await this.#segment(new ResultLog(this.#engine, customerId), segment, day)
      }
      const orphans = await this.#orphans(day)
      if (segments.length === 0 && orphans === 0) await this.#days.dropDay(day, this.#before)
    }
    return limit - this.#left
  }

  /** All that one customer has, whatever its age; how many runs went. */
  async runOf(customerId: UserId): Promise<number> {
    const limit = this.#left
    const log = new ResultLog(this.#engine, customerId)
    const { first, last } = await log.range()
    for (let segment = first; this.#left > 0; segment++) {
      const head = await log.head(segment)
      // Where the log goes on is noted a moment after it does.
      if (head.version === undefined && segment > last) break
      if (head.day !== undefined) await this.#segment(log, segment, head.day)
    }
    for (const orphan of await this.#days.orphansOf(customerId)) {
      const epoch = await this.#epochOf(log)
      await this.#bodies.forget(customerId, orphan.sha256, { before: this.#before, epoch })
      await this.#days.dropOrphan(orphan)
    }
    return limit - this.#left
  }

  /** Entries stand nearly in order of time, so a segment in which nothing is old costs one small read. */
  async #segment(log: ResultLog, segment: number, day: number): Promise<void> {
    const oldest = await log.storedFirst(segment)
    if (oldest !== undefined && oldest >= this.#before + CLOCKS_DIFFER_MS) return
    let head = await log.head(segment)
    let kept = 0
    for (let from = 0; from < head.size && this.#left > 0;) {
      const limit = Math.min(this.#left, ENTRIES_AT_ONCE)
      const entries = await log.entries(segment, { from, below: head.size, limit })
      const last = entries.at(-1)
      if (last === undefined) break
      from = last.n + 1
      const old = entries.filter((entry) => entry.storedAt < this.#before)
      kept += entries.length - old.length
      if (old.length > 0) head = await this.#forget(log, head, old)
      else if (last.storedAt >= this.#before + CLOCKS_DIFFER_MS) break
    }
    if (kept === 0 && this.#left > 0) await this.#leave(log, head, day)
  }

  /** Forgets old entries, and tells where the segment stands then. */
  async #forget(log: ResultLog, seen: LogHead, old: readonly LogEntry[]): Promise<LogHead> {
    // What its writer has not applied is applied here: a run that never had a row would be taken for a missing one.
    await this.#runs.apply(
      log.customerId,
      old.filter(({ n }) => n >= seen.applied),
    )
    const epoch = await this.#epochOf(log)
    await this.#forgetBodies(log.customerId, old, epoch)
    await inParallel(
      Map.groupBy(old, ({ orderId }) => orderId),
      FORGETTING_AT_ONCE,
      ([orderId, entries]) => this.#forgetRuns(orderId, entries),
    )
    const numbers = old.map(({ n }) => n)
    for (let head = await log.head(seen.segment); ; head = await log.head(seen.segment)) {
      const removed = await log.remove(head, numbers)
      if (removed === undefined) continue
      this.#left -= old.length
      return removed
    }
  }

  async #epochOf(log: ResultLog): Promise<number> {
    const known = this.#epochs.get(log.customerId)
    if (known !== undefined) return known
    for (;;) {
      const begun = await log.beginEpoch(await log.openHead())
      if (begun === undefined) continue
      this.#epochs.set(log.customerId, begun.epoch)
      return begun.epoch
    }
  }

  async #forgetBodies(customerId: UserId, old: readonly LogEntry[], epoch: number): Promise<void> {
    const hashes = new Set<string>()
    for (const { orderId, rep, json } of old) {
      const { outcome } = decodeRun({ orderId, rep, customerId }, json)
      if (outcome.kind === 'page') hashes.add(outcome.content.sha256)
    }
    await inParallel(hashes, FORGETTING_AT_ONCE, (sha256) =>
      this.#bodies.forget(customerId, sha256, { before: this.#before, epoch }),
    )
  }

  async #forgetRuns(orderId: OrderId, entries: readonly LogEntry[]): Promise<void> {
    const { low } = await this.#runs.summary(orderId)
    const reps = entries.map(({ rep }) => rep)
    await this.#runs.forget(orderId, reps, low)
    for (const chunk of new Set(reps.map(chunkOf))) {
      if ((chunk + 1) * CHUNK_REPS <= low) await this.#runs.dropIfForgotten(orderId, chunk)
    }
  }

  /** Bodies of results that came second; how many were noted. */
  async #orphans(day: number): Promise<number> {
    const orphans = await this.#days.orphans(day)
    for (const orphan of orphans) {
      if (orphan.storedAt >= this.#before) continue
      const epoch = await this.#epochOf(new ResultLog(this.#engine, orphan.customerId))
      await this.#bodies.forget(orphan.customerId, orphan.sha256, { before: this.#before, epoch })
      await this.#days.dropOrphan(orphan)
    }
    return orphans.length
  }

  /** A segment of which nothing is left is closed and listed no more; readers begin after it. */
  async #leave(log: ResultLog, head: LogHead, day: number): Promise<void> {
    // One that was never written to is perhaps about to be.
    if (head.version === undefined || (!head.closed && (await log.close(head)) === undefined)) return
    let { first } = await log.range()
    const before = first
    for (let next = await log.head(first); next.closed && (await this.#isEmpty(log, next));)
      next = await log.head(++first)
    if (first > before) await log.noteFirst(first)
    await this.#days.dropSegment(day, log.customerId, head.segment)
  }

  async #isEmpty(log: ResultLog, head: LogHead): Promise<boolean> {
    return (await log.entries(head.segment, { from: 0, below: head.size, limit: 1 })).length === 0
  }
}

import { Unavailable, UnknownOutcome, type IncomingResult, type StoredOutcome } from '@quarry/storage-port'
import type { Instant, OrderId, RunResult, UserId } from '@quarry/domain'
import type { CassandraEngine } from './cassandra-engine.ts'
import { ResultBodies, type KeptBody } from './result-bodies.ts'
import { ResultDays } from './result-days.ts'
import { ResultLog, type LogEntry, type LogHead } from './result-log.ts'
import { OrderMarks } from './result-marks.ts'
import { inParallel } from './result-parallel.ts'
import { dayOf, encodeRun } from './result-rows.ts'
import { ResultRuns } from './result-runs.ts'

/** A result on its way into the log, and who waits for it. */
interface Waiting {
  readonly result: IncomingResult
  readonly storedAt: Instant
  readonly json: string
  readonly resolve: (outcome: StoredOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Appended by one condition at most. */
const MOST_TOGETHER = 400
const MOST_LETTERS_TOGETHER = 1_000_000
const SEGMENT_ENTRIES = 10_000
/** Bodies under way at once: some 3 MB of the usual size. */
const BODIES_AT_ONCE = 32
const ORDERS_AT_ONCE = 32
/** Orders and bodies remembered between batches. */
const MOST_ORDERS = 5_000
const MOST_BODIES = 10_000
/** Another server's batch got in between so often: something is wrong. */
const MOST_ATTEMPTS = 100

/**
 * Writes one customer's results, batch after batch; what comes while a batch is under way makes the next one. What it
 * remembers between batches is checked by the append's condition: nobody else decided anything in between.
 */
export class ResultWriter {
  readonly #log: ResultLog
  readonly #runs: ResultRuns
  readonly #bodies: ResultBodies
  readonly #days: ResultDays
  readonly #customerId: UserId
  #waiting: Waiting[] = []
  #busy = false
  #head: LogHead | undefined
  #orders = new Map<OrderId, OrderMarks>()
  /** Written in the head's epoch, by hash, with the time up to which they are named. */
  #written = new Map<string, Instant>()
  #registeredSegment = -1

  constructor(engine: CassandraEngine, customerId: UserId) {
    this.#log = new ResultLog(engine, customerId)
    this.#runs = new ResultRuns(engine)
    this.#bodies = new ResultBodies(engine)
    this.#days = new ResultDays(engine)
    this.#customerId = customerId
  }

  get idle(): boolean {
    return !this.#busy
  }

  /** Orders and bodies that it remembers: some 500 bytes each. */
  get remembers(): number {
    return this.#orders.size + this.#written.size
  }

  /** An answer for each result, at its index. */
  store(results: readonly IncomingResult[], storedAt: Instant): Promise<StoredOutcome>[] {
    const outcomes = results.map(
      (result) =>
        new Promise<StoredOutcome>((resolve, reject) => {
          this.#waiting.push({ result, storedAt, json: encodeRun(result.run), resolve, reject })
        }),
    )
    if (!this.#busy) void this.#work()
    return outcomes
  }

  async #work(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) {
      const batch = this.#next()
      try {
        const outcomes = await this.#store(batch)
        for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index]!)
      } catch (error) {
        this.#forget()
        for (const { reject } of batch) reject(error)
      }
    }
    this.#busy = false
  }

  #next(): readonly Waiting[] {
    let letters = 0
    const fits = ({ json }: Waiting, index: number) => {
      letters += json.length
      return index === 0 || (index < MOST_TOGETHER && letters <= MOST_LETTERS_TOGETHER)
    }
    const tooMuch = this.#waiting.findIndex((waiting, index) => !fits(waiting, index))
    return this.#waiting.splice(0, tooMuch === -1 ? this.#waiting.length : tooMuch)
  }

  async #store(batch: readonly Waiting[]): Promise<StoredOutcome[]> {
    const today = Math.max(...batch.map(({ storedAt }) => dayOf(storedAt)))
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const head = await this.#openHead(today)
      if (head === undefined) continue
      await this.#prepareOrders(batch)
      const fresh = this.#unknownOf(batch)
      if (fresh.size === 0) return this.#outcomes(batch, fresh)
      await this.#writeBodies([...fresh.values()], head)
      await this.#registerSegment(head, today)
      const entries = [...fresh.values()].map((waiting, index) => entryOf(waiting, head.size + index))
      const appended = await this.#log.append(head, entries, today)
      if (appended === undefined) await this.#catchUp(head)
      else return this.#finish(appended, entries, () => this.#outcomes(batch, fresh))
    }
    throw new Unavailable(`The inbox of ${this.#customerId} is never free`)
  }

  /** From here on the results are stored: whatever fails is mended by the next who writes. */
  async #finish<T>(appended: LogHead, entries: readonly LogEntry[], answer: () => Promise<T>): Promise<T> {
    try {
      await this.#apply(entries)
      this.#head = appended
      return await answer()
    } catch (error) {
      throw new UnknownOutcome('The results are in the log, and perhaps not in the runs', { cause: error })
    }
  }

  /** The segment to append to; undefined when another decision got in between. */
  async #openHead(today: number): Promise<LogHead | undefined> {
    const head = this.#head ?? (await this.#catchUp())
    const ends = head.size >= SEGMENT_ENTRIES || (head.size > 0 && head.day !== undefined && today > head.day)
    if (!ends) return head
    const closed = await this.#log.close(head)
    if (closed === undefined) await this.#catchUp(head)
    else this.#head = await this.#log.after(closed)
    return undefined
  }

  /**
   * Learns what was decided since `seen`, and finishes what its writers have perhaps not. After a pruning, or when the
   * segment has ended, it knows nothing any more.
   */
  async #catchUp(seen?: LogHead): Promise<LogHead> {
    let head = await (seen === undefined ? this.#log.openHead() : this.#log.head(seen.segment))
    let from = Math.min(seen?.size ?? head.applied, head.applied)
    if (seen !== undefined && (head.closed || head.epoch !== seen.epoch)) {
      this.#forget()
      head = await this.#log.openHead()
      from = head.applied
    }
    await this.#apply(await this.#log.entries(head.segment, { from, below: head.size }))
    this.#head = head
    return head
  }

  /** Idempotent, as every write of derived rows is. */
  async #apply(entries: readonly LogEntry[]): Promise<void> {
    await this.#runs.apply(this.#customerId, entries)
    const byOrder = Map.groupBy(entries, (entry) => entry.orderId)
    await inParallel(byOrder, ORDERS_AT_ONCE, async ([orderId, runs]) => this.#orders.get(orderId)?.add(runs))
  }

  async #prepareOrders(batch: readonly Waiting[]): Promise<void> {
    const byOrder = Map.groupBy(batch, ({ result }) => result.run.orderId)
    if (this.#orders.size > MOST_ORDERS) this.#orders = new Map()
    await inParallel(byOrder, ORDERS_AT_ONCE, async ([orderId, together]) => {
      let marks = this.#orders.get(orderId)
      if (marks === undefined) {
        marks = await OrderMarks.read(this.#runs, orderId, this.#customerId)
        this.#orders.set(orderId, marks)
      }
      await marks.prepare(together.map(({ result }) => result.run.rep))
    })
  }

  /** The first result of each job that has none yet. */
  #unknownOf(batch: readonly Waiting[]): Map<string, Waiting> {
    const fresh = new Map<string, Waiting>()
    for (const waiting of batch) {
      const { jobId, orderId, rep } = waiting.result.run
      if (!fresh.has(jobId) && this.#orders.get(orderId)?.has(rep) !== true) fresh.set(jobId, waiting)
    }
    return fresh
  }

  async #writeBodies(batch: readonly Waiting[], head: LogHead): Promise<void> {
    const latest = new Map<string, { waiting: Waiting; sha256: string; encoding: 'zstd' | 'identity' }>()
    for (const waiting of batch) {
      const { outcome } = waiting.result.run
      if (outcome.kind !== 'page') continue
      const { sha256, encoding } = outcome.content
      const rival = latest.get(sha256)?.waiting.storedAt ?? -1
      if (rival < waiting.storedAt) latest.set(sha256, { waiting, sha256, encoding })
    }
    if (this.#written.size > MOST_BODIES) this.#written = new Map()
    await inParallel(latest.values(), BODIES_AT_ONCE, async ({ waiting, sha256, encoding }) => {
      const { result, storedAt } = waiting
      const body = { customerId: this.#customerId, sha256, namedAt: storedAt, encoding }
      const known = this.#written.get(sha256)
      if (known === undefined) await this.#writeBody({ ...body, ...(result.body && { bytes: result.body }) }, head)
      else if (known < storedAt) await this.#bodies.name(body, head.epoch)
      if (known !== undefined || result.body !== undefined) this.#written.set(sha256, Math.max(known ?? 0, storedAt))
    })
  }

  /** The first naming in an epoch hides those of earlier ones: it must not fall behind what any run of the log says. */
  async #writeBody(body: KeptBody, { epoch, newest }: LogHead): Promise<void> {
    const namedAt = Math.max(body.namedAt, newest)
    if (namedAt > body.namedAt) await this.#days.noteOrphan(this.#customerId, body.sha256, namedAt)
    await this.#bodies.write({ ...body, namedAt }, epoch)
  }

  async #registerSegment({ segment, day }: LogHead, today: number): Promise<void> {
    if (this.#registeredSegment === segment) return
    await this.#days.register(day ?? today, this.#customerId, segment)
    this.#registeredSegment = segment
  }

  async #outcomes(batch: readonly Waiting[], fresh: ReadonlyMap<string, Waiting>): Promise<StoredOutcome[]> {
    const outcomes = new Array<StoredOutcome>(batch.length)
    await inParallel(batch.entries(), ORDERS_AT_ONCE, async ([index, waiting]) => {
      const { run } = waiting.result
      const winner = fresh.get(run.jobId)
      if (winner === waiting) outcomes[index] = { kind: 'stored', run }
      else outcomes[index] = { kind: 'known', run: await this.#first(waiting, winner?.result.run) }
    })
    return outcomes
  }

  /** The run that came first; a body that came with this one is perhaps named by nothing. */
  async #first({ result: { run }, storedAt }: Waiting, winner: RunResult | undefined): Promise<RunResult> {
    const found = winner ?? (await this.#runs.find(run.orderId, run.rep))
    const first = found === undefined || found === 'forgotten' ? undefined : found
    if (run.outcome.kind === 'page') {
      const { sha256 } = run.outcome.content
      const named = first?.outcome.kind === 'page' && first.outcome.content.sha256 === sha256
      if (!named) await this.#days.noteOrphan(this.#customerId, sha256, storedAt)
    }
    return first ?? run
  }

  #forget(): void {
    this.#head = undefined
    this.#orders = new Map()
    this.#written = new Map()
  }
}

function entryOf({ result: { run }, storedAt, json }: Waiting, n: number): LogEntry {
  const failed = run.outcome.kind !== 'page'
  return { n, orderId: run.orderId, rep: run.rep, failed, storedAt, json }
}

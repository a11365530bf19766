import type { OrderId, UserId } from '@quarry/domain'
import { chunkOf, CHUNK_REPS } from './result-rows.ts'
import type { OrderSummary, ResultRuns } from './result-runs.ts'

/** The stored `low` moves on in steps, so that it costs a fraction of a write for each run. */
const LOW_STEP = 32

/**
 * Which of an order's repetitions had their run, as the writer of its customer's log knows it. True as long as the
 * writer misses no entry of the log and no epoch of it: its next append is refused when it does.
 */
export class OrderMarks {
  readonly #runs: ResultRuns
  readonly #orderId: OrderId
  readonly #customerId: UserId
  readonly #failedByRep = new Map<number, boolean>()
  readonly #registered: Set<number>
  readonly #loaded = new Set<number>()
  #low: number
  #delivered: number
  #failed: number
  #storedLow: number

  private constructor(runs: ResultRuns, orderId: OrderId, customerId: UserId, summary: OrderSummary) {
    this.#runs = runs
    this.#orderId = orderId
    this.#customerId = customerId
    this.#registered = new Set(summary.chunks)
    this.#low = summary.low
    this.#storedLow = summary.low
    this.#delivered = summary.delivered
    this.#failed = summary.failed
  }

  static async read(runs: ResultRuns, orderId: OrderId, customerId: UserId): Promise<OrderMarks> {
    return new OrderMarks(runs, orderId, customerId, await runs.summary(orderId))
  }

  /** Makes `has` and `add` know of these repetitions, and the store of their chunks. */
  async prepare(reps: readonly number[]): Promise<void> {
    for (const chunk of new Set(reps.filter((rep) => rep >= this.#low).map(chunkOf))) {
      if (this.#loaded.has(chunk)) continue
      if (this.#registered.has(chunk)) await this.#load(chunk)
      else await this.#register(chunk)
    }
    await this.#settle()
  }

  has(rep: number): boolean {
    return rep < this.#low || this.#failedByRep.has(rep)
  }

  /** Takes note of runs that are in the store; those of chunks that were never prepared are read when they are. */
  async add(runs: readonly { rep: number; failed: boolean }[]): Promise<void> {
    for (const { rep, failed } of runs) {
      if (!this.has(rep) && this.#loaded.has(chunkOf(rep))) this.#failedByRep.set(rep, failed)
      this.#registered.add(chunkOf(rep))
    }
    await this.#settle()
    if (Math.floor(this.#low / LOW_STEP) === Math.floor(this.#storedLow / LOW_STEP)) return
    await this.#runs.raiseLow(this.#orderId, { low: this.#low, delivered: this.#delivered, failed: this.#failed })
    this.#storedLow = this.#low
  }

  async #settle(): Promise<void> {
    for (;;) {
      for (let failed; (failed = this.#failedByRep.get(this.#low)) !== undefined;) {
        this.#failedByRep.delete(this.#low++)
        if (failed) this.#failed++
        else this.#delivered++
      }
      const chunk = chunkOf(this.#low)
      if (this.#loaded.has(chunk) || !this.#registered.has(chunk)) return
      await this.#load(chunk)
    }
  }

  async #load(chunk: number): Promise<void> {
    const from = Math.max(this.#low, chunk * CHUNK_REPS)
    for (const { rep, failed } of await this.#runs.marks(this.#orderId, chunk, from)) this.#failedByRep.set(rep, failed)
    this.#loaded.add(chunk)
  }

  /** Nobody can have stored a run of a chunk that was not registered. */
  async #register(chunk: number): Promise<void> {
    await this.#runs.registerChunk(this.#orderId, chunk, this.#customerId)
    this.#registered.add(chunk)
    this.#loaded.add(chunk)
  }
}

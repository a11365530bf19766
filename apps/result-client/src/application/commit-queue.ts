import type { CancelTimer, Clock } from '@quarry/domain'
import type { ResultStore, StagedResult } from './result-store.ts'

/** After a batch larger than this, the next one is given time to grow: syncing costs the same for few and for many. */
const CALM_RESULTS = 8
const PACE_MS = 60

/** A result to be committed, or (without one) a cursor that needs no more than its acknowledgement. */
export interface Entry<S extends StagedResult> {
  readonly cursor: string
  readonly staged?: S
}

/** Commits results in order and in batches, one batch at a time; at once while calm, every 60 ms under load. */
export class CommitQueue<S extends StagedResult> {
  readonly #store: ResultStore<S>
  readonly #clock: Clock
  readonly #full: number
  readonly #onCommitted: (batch: readonly Entry<S>[]) => void
  readonly #onFailed: (error: unknown) => void
  #entries: Entry<S>[] = []
  #running: Promise<void> | undefined
  #failed = false
  #lastSize = 0
  #lastStart = 0
  #cancel: CancelTimer | undefined

  /** `full` results are committed without waiting for more. */
  constructor(
    deps: { store: ResultStore<S>; clock: Clock; full: number },
    on: { committed: (batch: readonly Entry<S>[]) => void; failed: (error: unknown) => void },
  ) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#full = deps.full
    this.#onCommitted = on.committed
    this.#onFailed = on.failed
  }

  /** Results that were added and are not durable yet. */
  get waiting(): number {
    return this.#entries.length
  }

  add(entry: Entry<S>): void {
    this.#entries.push(entry)
  }

  /** To be called when all that arrived together was added. */
  poke(): void {
    if (this.#running || this.#cancel || this.#entries.length === 0) return
    const sinceMs = Math.max(0, this.#clock.now() - this.#lastStart)
    const waitMs = this.#lastSize > CALM_RESULTS && this.#entries.length < this.#full ? PACE_MS - sinceMs : 0
    if (waitMs <= 0) return this.#start()
    this.#cancel = this.#clock.after(waitMs, () => this.#start())
  }

  /** Commits everything that was added until now; resolves also when it failed. */
  async settle(): Promise<void> {
    while (this.#running || (this.#entries.length > 0 && !this.#failed)) {
      if (!this.#running) this.#start()
      await this.#running
    }
  }

  #start(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#failed || this.#entries.length === 0) return
    const batch = this.#entries
    this.#entries = []
    this.#lastSize = batch.length
    this.#lastStart = this.#clock.now()
    this.#running = this.#commit(batch).finally(() => {
      this.#running = undefined
      this.poke()
    })
  }

  async #commit(batch: readonly Entry<S>[]): Promise<void> {
    const staged = batch.flatMap((entry) => (entry.staged ? [entry.staged] : []))
    try {
      if (staged.length > 0) await this.#store.commit(staged)
      this.#onCommitted(batch)
    } catch (error) {
      this.#failed = true
      this.#onFailed(error)
    }
  }
}

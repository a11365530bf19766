import { denyingPattern, type CancelTimer, type Clock } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'

/** A hint can be lost; so long at most a change then takes to count. */
const EVERY_MS = 3_000

/**
 * The operator's deny-list as this process knows it: read at the start, at every hint and every few seconds. While it
 * cannot be read, the last one known counts.
 */
export class DenyListWatch {
  readonly #read: () => Promise<readonly string[]>
  readonly #live: LiveEvents
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  #patterns: ReadonlySet<string> = new Set()
  #reading: Promise<void> | undefined
  #cancel: CancelTimer | undefined
  #unsubscribe: (() => void) | undefined

  constructor(deps: {
    read: () => Promise<readonly string[]>
    live: LiveEvents
    clock: Clock
    onError: (error: unknown) => void
  }) {
    this.#read = deps.read
    this.#live = deps.live
    this.#clock = deps.clock
    this.#onError = deps.onError
  }

  /** The pattern that denies the host; undefined when none does. */
  patternFor(host: string): string | undefined {
    return denyingPattern(host, this.#patterns)
  }

  start(): void {
    this.#unsubscribe = this.#live.subscribe('deny-list', () => void this.refresh())
    this.#round()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#unsubscribe?.()
  }

  /** Resolves when it was read, or could not be. Calls while one is under way share it. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read()
      .then((patterns) => void (this.#patterns = new Set(patterns)))
      .catch(this.#onError)
      .finally(() => (this.#reading = undefined))
    return this.#reading
  }

  #round(): void {
    this.#cancel = this.#clock.after(EVERY_MS, () => this.#round())
    void this.refresh()
  }
}

import type { CancelTimer, Clock, Instant } from '@quarry/domain'

/** What a round leaves: more to do at once, or nothing before `until`, or before somebody wakes the channel. */
export type Round = { readonly kind: 'again' } | { readonly kind: 'wait'; readonly until?: Instant }

/** What comes together is looked at together. */
const GATHER_MS = 50
/** A hint can be lost: every channel looks again. */
const LOOK_AGAIN_MS = 60_000
const AFTER_ERROR_MS = 5_000

/** Runs the rounds of one channel, one at a time, for as long as it is open. A slow channel holds up only itself. */
export class ChannelLoop {
  readonly #clock: Clock
  readonly #round: () => Promise<Round>
  readonly #onError: (error: unknown) => void
  #cancel: CancelTimer = () => undefined
  #running: Promise<void> | undefined
  #woken = false
  #closed = false

  constructor(clock: Clock, round: () => Promise<Round>, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#round = round
    this.#onError = onError
  }

  /** There may be something to do. */
  wake(): void {
    this.#woken = true
    if (!this.#running) this.#in(GATHER_MS)
  }

  /** No further round; resolves when the one under way has ended. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancel()
    await this.#running
  }

  #in(delayMs: number): void {
    this.#cancel()
    if (!this.#closed) this.#cancel = this.#clock.after(delayMs, () => this.#run())
  }

  #run(): void {
    if (this.#running || this.#closed) return
    this.#woken = false
    this.#running = this.#round()
      .then(
        (round) => this.#pauseAfter(round),
        (error: unknown) => {
          // Of a store that was closed under the last round there is nothing to say.
          if (!this.#closed) this.#onError(error)
          return AFTER_ERROR_MS
        },
      )
      .then((pauseMs) => {
        this.#running = undefined
        this.#in(pauseMs)
      })
  }

  #pauseAfter(round: Round): number {
    if (round.kind === 'again' || this.#woken) return GATHER_MS
    const untilMs = (round.until ?? Infinity) - this.#clock.now()
    return Math.min(Math.max(untilMs, GATHER_MS), LOOK_AGAIN_MS)
  }
}

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** Ends a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/**
 * The only source of time in domain and application code, so that a whole marketplace runs on a simulated one.
 * `now` may step backwards or forwards (the machine's wall clock); timers count elapsed time and never fire early.
 */
export interface Clock {
  now(): Instant
  /** Runs `action` once, at least `delayMs` from now. */
  after(delayMs: number, action: () => void): CancelTimer
}

/** The only source of chance in domain and application code: uniform in [0, 1). */
export interface Random {
  next(): number
}

/** Waits `delayMs` on the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve)
  })
}

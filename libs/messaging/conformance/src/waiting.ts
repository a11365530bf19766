/** How a suite lets time pass for what it tests. */
export interface PassingTime {
  /**
   * Lets at least `ms` pass on the clock that the adapter goes by, then lets what is under way come to rest: by moving
   * a simulated clock, or by waiting.
   */
  pass(ms: number): Promise<void>
}

/** `simulated`: `pass` costs nothing and no time passes otherwise. `real`: `pass` waits, and time runs by itself. */
export type TimeKind = 'simulated' | 'real'

/** The unit of all short times in a suite: long enough not to end by chance in a slow moment of a real machine. */
export function tickOf(time: TimeKind): number {
  return time === 'simulated' ? 1_000 : 250
}

/** A time that never ends within a test. */
export const LONG_MS = 600_000

/** How long a test may take in all; nothing is asserted about less. */
export const TEST_TIMEOUT_MS = 60_000

/** Probes until it gives a value, letting a little time pass between; fails after `rounds` probes with what is awaited. */
export async function eventually<T>(
  time: PassingTime,
  awaited: { what: string; stepMs: number; rounds?: number },
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (let round = 0; round < (awaited.rounds ?? 200); round += 1) {
    const value = await probe()
    if (value !== undefined) return value
    await time.pass(awaited.stepMs)
  }
  throw new Error(`never happened: ${awaited.what}`)
}

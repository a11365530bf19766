import { expect } from 'vitest'

/** The data of one test, and how it is reached and broken. `S` is the port under test. */
export interface StoreBench<S> {
  /** A client of its own connection, such as another server would be. */
  connect(): Promise<S>
  /** Needed by the capability `crashes`. */
  readonly crashes?: Crashes<S>
  close(): Promise<void>
}

/** Ends clients as a dying process or a broken line would. */
export interface Crashes<S> {
  /**
   * The client dies right before its `step`-th step from now, counted from 0: everything that it sends or waits for on
   * its own counts as a step, the last answer included. From then on its writes fail.
   */
  dieAt(client: S, step: number): void
  isDead(client: S): boolean
  /** The client's next write is done, but its answer is lost: the call rejects with `UnknownOutcome`. */
  loseAnswer(client: S): void
}

export interface StoreCapabilities {
  /** Whether the bench has `crashes`. */
  readonly crashes: boolean
}

export type OpenBench<S> = () => Promise<StoreBench<S>>

/**
 * Runs `act` on a client that dies at its first step, then at its second, and so on until it survives; after each death
 * another client repeats `act` and `check` must find the promised end. `tag` differs each time, for fresh ids.
 */
export async function surviveEveryCrash<S>(
  bench: StoreBench<S>,
  story: {
    prepare?: (store: S, tag: string) => Promise<unknown>
    act: (store: S, tag: string) => Promise<unknown>
    check: (store: S, tag: string) => Promise<void>
  },
): Promise<void> {
  const crashes = bench.crashes!
  const survivor = await bench.connect()
  for (let step = 0; step < 200; step++) {
    const tag = `crash${step}`
    await story.prepare?.(survivor, tag)
    const victim = await bench.connect()
    crashes.dieAt(victim, step)
    const failure = await story.act(victim, tag).then(
      () => undefined,
      (error: unknown) => error ?? 'rejected',
    )
    expect(failure !== undefined, `a client that dies at step ${step} must not report success`).toBe(
      crashes.isDead(victim),
    )
    await story.act(survivor, tag)
    await story.check(survivor, tag)
    if (!crashes.isDead(victim)) {
      expect(step, 'crash points tried').toBeGreaterThan(1)
      return
    }
  }
  throw new Error('The call takes more than 200 steps')
}

import type { Clock } from '@quarry/domain'
import { FetchFailure, failureOf } from '../failures.ts'

type Cancel = (error: Error) => void

/** The caller's own abort on its way up; `reason` is what the fetch rejects with. */
export class AbortedByCaller extends Error {
  readonly reason: unknown

  constructor(reason: unknown) {
    super('Aborted by the caller')
    this.reason = reason
  }
}

/**
 * The lifetime of one fetch: its whole time, and the caller's signal. Steps come one after the other; whichever is under
 * way is told when the time is over. `end` must be called in the end.
 */
export class FetchScope {
  readonly startedAt = performance.now()
  readonly #signal: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout
  #cancelStep: Cancel | undefined
  #ended: Error | undefined

  constructor(totalMs: number, signal?: AbortSignal) {
    this.#signal = signal
    this.#timer = setTimeout(
      () => this.#cancel(new FetchFailure(failureOf('timed_out', OUT_OF_TIME(totalMs)))),
      totalMs,
    )
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort)
  }

  /** Runs a step that ends when it calls `resolve` or `reject`; `begin` returns how to cancel it. */
  run<T>(begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => Cancel): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      const cancel = begin(resolve, reject)
      this.#cancelStep = (error) => {
        cancel(error)
        reject(error)
      }
    })
  }

  /** Waits `delayMs` on the given clock. */
  wait(clock: Clock, delayMs: number): Promise<void> {
    return this.run<void>((resolve) => clock.after(delayMs, resolve))
  }

  /** Waits for work that others share; it goes on when this scope ends. */
  join<T>(shared: Promise<T>): Promise<T> {
    return this.run<T>((resolve, reject) => {
      shared.then(resolve, reject)
      return ignore
    })
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#cancelStep = undefined
  }

  readonly #onAbort = (): void => this.#cancel(new AbortedByCaller(this.#signal?.reason))

  #cancel(error: Error): void {
    this.#ended ??= error
    this.#cancelStep?.(this.#ended)
    this.end()
  }
}

const OUT_OF_TIME = (totalMs: number) => `The page was not complete after ${totalMs / 1000} seconds.`

function ignore(): void {
  // Nothing to take back.
}

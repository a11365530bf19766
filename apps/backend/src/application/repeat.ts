import type { CancelTimer, Clock } from '@quarry/domain'

/** Does something now and then until it is stopped, never twice at once; a failure is told of, and made good by the next. */
export class Repeat {
  readonly #deps: { clock: Clock; everyMs: number; act: () => Promise<unknown>; onError: (error: unknown) => void }
  #cancel: CancelTimer | undefined

  constructor(deps: { clock: Clock; everyMs: number; act: () => Promise<unknown>; onError: (error: unknown) => void }) {
    this.#deps = deps
  }

  start(): void {
    const { clock, everyMs, act, onError } = this.#deps
    this.#cancel = clock.after(everyMs, () => {
      act()
        .catch(onError)
        .finally(() => this.#cancel && this.start())
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}

import type { Logger } from 'pino'

/** Below so many newly loaded orders their garbage is not worth a pause. */
const WORTH_A_PAUSE = 100_000

/**
 * Has V8 collect what many orders left behind that were just loaded and packed. By itself it sees no reason to, since an idle
 * scheduler allocates little, and 40 MB after a million orders stay resident for minutes. All of it (`last-resort`): a
 * regular collection leaves pages half full, which gives back next to nothing. The pause is 75 to 150 ms, once a load. Does
 * nothing in a process without `--expose-gc`.
 */
export class CollectGarbage {
  readonly #logger: Logger
  readonly #collect: NodeJS.GCFunction | undefined
  #orders = 0

  constructor(logger: Logger, collect = globalThis.gc) {
    this.#logger = logger
    this.#collect = collect
  }

  /** To be called whenever loading is done, with how many orders there are now. */
  loaded(orders: number): void {
    const isWorthIt = orders - this.#orders >= WORTH_A_PAUSE
    this.#orders = orders
    if (!isWorthIt || !this.#collect) return
    const begun = performance.now()
    this.#collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    this.#logger.info({ orders, tookMs: Math.round(performance.now() - begun) }, 'collected the garbage of loading')
  }
}

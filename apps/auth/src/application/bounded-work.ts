import { err, ok, type Result } from '@quarry/domain'

/** So much work is under way and waiting that one more piece would only make all of it late. */
export interface Busy {
  readonly kind: 'busy'
}

/** Does costly work a few pieces at a time, in the order asked for; what would wait too long is refused at once. */
export class BoundedWork {
  readonly #atOnce: number
  readonly #mayWait: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limits: { readonly atOnce: number; readonly mayWait: number }) {
    this.#atOnce = limits.atOnce
    this.#mayWait = limits.mayWait
  }

  /** Runs `work` as soon as there is room, and passes on what it throws. */
  async run<T>(work: () => Promise<T>): Promise<Result<T, Busy>> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#mayWait) return err({ kind: 'busy' })
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running++
    }
    try {
      return ok(await work())
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}

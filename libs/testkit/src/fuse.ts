/** What a blown fuse throws. */
export class Blown extends Error {
  override readonly name = 'Blown'
}

/**
 * Makes one call to any of the guarded ports fail, before or after it was done: as a process that dies there (`lasting`: all
 * later calls fail as well), or as a failure that passes.
 */
export class Fuse {
  #callsLeft = Infinity
  #how: { done: boolean; lasting: boolean } = { done: false, lasting: false }
  #blown = false

  /** Whether the process behind it is dead. */
  get blown(): boolean {
    return this.#blown
  }

  /** The next call but `calls` fails. */
  arm(calls: number, how: { done: boolean; lasting: boolean }): void {
    this.#callsLeft = calls
    this.#how = how
  }

  disarm(): void {
    this.#callsLeft = Infinity
  }

  /** The same port, failing as the fuse says. */
  guard<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => this.#call(() => Reflect.apply(member, target, args) as unknown)
      },
    })
  }

  #call(action: () => unknown): unknown {
    if (this.#blown) return Promise.reject(new Blown('dead'))
    if (this.#callsLeft-- > 0) return action()
    this.disarm()
    this.#blown = this.#how.lasting
    if (!this.#how.done) return Promise.reject(new Blown('before the call'))
    return Promise.resolve(action()).then(() => {
      throw new Blown('after the call')
    })
  }
}

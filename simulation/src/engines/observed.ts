/** What is told of each call of a port that succeeded, as the engine itself saw it. */
export type Observer<T> = {
  readonly [K in keyof T]?: T[K] extends (...args: infer A) => Promise<infer R> ? (args: A, value: R) => void : never
}

/** The same port; the observer hears of every call that succeeded before its caller does. */
export function observed<T extends object>(port: T, observer: Observer<T>): T {
  return new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target)
      if (typeof member !== 'function') return member
      const tell = Reflect.get(observer, key) as ((args: unknown[], value: unknown) => void) | undefined
      if (tell === undefined) return member.bind(target) as unknown
      return async (...args: unknown[]) => {
        const value: unknown = await Reflect.apply(member, target, args)
        tell(args, value)
        return value
      }
    },
  })
}

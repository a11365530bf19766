import type { Clock, Random } from '@quarry/domain'

/** The machine's own clock. Delays are cut at 24 days, the longest that Node can time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(delayMs, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
}

export const systemRandom: Random = { next: () => Math.random() }

import type { Clock, Random } from '@quarry/domain'

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's own clock. A delay above 24 days, which Node cannot time, is waited for in parts. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    if (delayMs > LONGEST_TIMER_MS) return afterLong(delayMs, action)
    // Without a closure around the action: each idle connection has a timer or two.
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}

function afterLong(delayMs: number, action: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = (remainingMs: number) => {
    timer = setTimeout(
      () => (remainingMs > LONGEST_TIMER_MS ? wait(remainingMs - LONGEST_TIMER_MS) : action()),
      Math.min(remainingMs, LONGEST_TIMER_MS),
    )
  }
  wait(delayMs)
  return () => clearTimeout(timer)
}

export const systemRandom: Random = { next: () => Math.random() }

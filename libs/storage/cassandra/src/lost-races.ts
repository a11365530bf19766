import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '@quarry/storage-port'

const MOST_ATTEMPTS = 30
const LONGEST_WAIT_MS = 100

/**
 * Repeats `attempt` while it is undefined: it read, decided and wrote under a condition that somebody else was faster to
 * change. Waits a little longer each time, by chance, so that rivals part. Throws `Unavailable` when it never wins.
 */
export async function untilDecided<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (let lost = 0; lost < MOST_ATTEMPTS; lost++) {
    const decided = await attempt()
    if (decided !== undefined) return decided
    await sleep(Math.random() * Math.min(LONGEST_WAIT_MS, 4 * (lost + 1)))
  }
  throw new Unavailable(`Cassandra: others were faster ${MOST_ATTEMPTS} times (${what})`)
}

/** Runs the work of one key one after another, so that a process never races with itself. */
export class Turns {
  readonly #last = new Map<number, Promise<unknown>>()

  take<T>(key: number, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#last.set(key, mine)
    const leave = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
    mine.then(leave, leave)
    return mine
  }
}

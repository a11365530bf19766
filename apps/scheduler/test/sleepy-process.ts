import type { CancelTimer, Clock, Shard } from '@quarry/domain'
import { KeepSchedule, type KeepScheduleDeps } from '../src/application/keep-schedule.ts'
import { RunScheduler } from '../src/application/run-scheduler.ts'

/**
 * Holds back whatever goes through it while it is shut: answers of ports and timers. To what is behind it, time stands
 * still, as it does for a process after SIGSTOP; what it had sent before is done all the same.
 */
export class Gate {
  #open: Promise<void> = Promise.resolve()
  #release: (() => void) | undefined

  get shut(): boolean {
    return this.#release !== undefined
  }

  close(): void {
    this.#open = new Promise((resolve) => (this.#release = resolve))
  }

  open(): void {
    this.#release?.()
    this.#release = undefined
    this.#open = Promise.resolve()
  }

  guard<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          await this.#open
          const answer: unknown = await Reflect.apply(member, target, args)
          await this.#open
          return answer
        }
      },
    })
  }

  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      after: (delayMs, action): CancelTimer => {
        let ended = false
        const cancel = clock.after(delayMs, () => {
          void this.#open.then(() => {
            if (!ended) action()
          })
        })
        return () => {
          ended = true
          cancel()
        }
      },
    }
  }
}

/** A scheduler as its process runs it, which can hang in the middle of whatever it does. */
export class SleepyProcess {
  readonly gate: Gate
  readonly keep: KeepSchedule
  readonly #runs: RunScheduler

  constructor(gate: Gate, deps: KeepScheduleDeps) {
    this.gate = gate
    this.keep = new KeepSchedule(deps)
    const times = { watermarkMs: 2000, rereadMs: 3000, closeMs: 3000 }
    this.#runs = new RunScheduler({ schedule: this.keep, clock: deps.clock, onError: () => undefined }, times)
    this.#runs.start()
  }

  /** Hears of its shard; while it hangs only when it wakes, and then of the last one only if nobody tells it another. */
  assign(shard: Shard): void {
    void this.#runs.assign(shard)
  }

  stop(): Promise<void> {
    return this.#runs.stop()
  }
}

import type { BatchLimits } from '@quarry/messaging-port'
import type { ConsumeMessage } from 'amqplib'

/** One message as the broker delivered it. */
export interface Delivery<T> {
  readonly message: T
  readonly id: string
  readonly raw: ConsumeMessage
  /** Deliveries of it that failed before this one. */
  readonly failures: number
}

/** Messages that have arrived and wait to be handled: closes batches by size or by the first one's waiting time. */
export class Batches<T> {
  readonly #limits: BatchLimits
  readonly #onDue: () => void
  readonly #alone: Delivery<T>[] = []
  #together: { readonly delivery: Delivery<T>; readonly arrivedAt: number }[] = []
  #timer: NodeJS.Timeout | undefined

  /** Calls `onDue` when a batch may have closed by its waiting time. */
  constructor(limits: BatchLimits, onDue: () => void) {
    this.#limits = limits
    this.#onDue = onDue
  }

  add(delivery: Delivery<T>, alone: boolean): void {
    if (alone) this.#alone.push(delivery)
    else this.#together.push({ delivery, arrivedAt: performance.now() })
  }

  /** The next batch that is closed; otherwise sees to it that somebody looks again in time. */
  next(): readonly Delivery<T>[] | undefined {
    const alone = this.#alone.shift()
    if (alone !== undefined) return [alone]
    const [first] = this.#together
    if (first === undefined) return undefined
    const { maxMessages, maxWaitMs } = this.#limits
    const restMs = maxWaitMs - (performance.now() - first.arrivedAt)
    if (this.#together.length < maxMessages && restMs > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#onDue()
      }, restMs)
      return undefined
    }
    return this.#together.splice(0, maxMessages).map(({ delivery }) => delivery)
  }

  /** Empties it; what was in it. */
  clear(): readonly Delivery<T>[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return [...this.#alone.splice(0), ...this.#together.splice(0).map(({ delivery }) => delivery)]
  }
}

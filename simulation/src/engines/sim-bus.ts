import type { ResultMessage, SettlementMessage } from '@quarry/contracts'
import { Unavailable, UnknownOutcome } from '@quarry/domain'
import { MemoryResultBus, type MemoryStream } from '@quarry/messaging-memory'
import type { BatchHandler, BatchLimits, ResultBus, StopConsuming, Stream } from '@quarry/messaging-port'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { World } from '../kernel/world.ts'

/** A publisher gives a confirmation up after this long. */
const CONFIRM_MS = 30_000

export interface BusObserver {
  results(messages: readonly ResultMessage[]): void
  settlements(messages: readonly SettlementMessage[]): void
}

/** The bus as a broker of its own: what was handed to a consumer that dies comes again, and some messages come twice. */
export class SimBus {
  readonly #world: World
  readonly #network: Network
  readonly #bus: MemoryResultBus
  readonly #observer: BusObserver

  constructor(world: World, network: Network, observer: BusObserver) {
    this.#world = world
    this.#network = network
    this.#bus = new MemoryResultBus(world.clock)
    this.#observer = observer
  }

  /** Messages that no consumer is done with. */
  async backlog(): Promise<number> {
    return (await this.#bus.results.backlog()) + (await this.#bus.settlements.backlog())
  }

  get deadLetters(): readonly string[] {
    const { results, settlements } = this.#bus
    return [
      ...results.deadLetters.kept.map(({ message, reason }) => `result ${message.run.jobId}: ${reason}`),
      ...settlements.deadLetters.kept.map(({ message, reason }) => `settlement ${message.transfer.id}: ${reason}`),
    ]
  }

  for(process: SimProcess): ResultBus {
    return {
      results: this.#stream(process, this.#bus.results, (messages) => this.#observer.results(messages)),
      settlements: this.#stream(process, this.#bus.settlements, (messages) => this.#observer.settlements(messages)),
    }
  }

  close(): void {
    this.#bus.close()
  }

  #stream<T>(process: SimProcess, stream: MemoryStream<T>, observe: (messages: readonly T[]) => void): Stream<T> {
    const broker = {
      publish: (messages: readonly T[]) => {
        observe(messages)
        return this.#take(stream, messages)
      },
    }
    const { publish } = this.#network.guard(process, 'bus', broker)
    return {
      publish,
      backlog: () => stream.backlog(),
      consume: async (limits, handler) => this.#consume(process, stream, { limits, handler }),
    }
  }

  #take<T>(stream: MemoryStream<T>, messages: readonly T[]): Promise<void> {
    const { random } = this.#world
    const confirmed = stream.publish(messages)
    confirmed.catch(() => undefined)
    if (this.#network.goesWrong(this.#network.weather.duplicate)) {
      const againInMs = random.pick([10, 5_000, 400_000])
      this.#world.after(againInMs, () => {
        this.#world.trace.step(this.#world.now, 'the bus delivers again:', () => messages)
        this.#network.active()
        stream.publish(messages).catch(() => undefined)
      })
    }
    if (this.#network.weather.durableBus) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const cancel = this.#world.after(CONFIRM_MS, () =>
        reject(new UnknownOutcome('not confirmed in time (simulated)')),
      )
      confirmed.then(
        () => {
          cancel()
          resolve()
        },
        (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
      )
    })
  }

  #consume<T>(
    process: SimProcess,
    stream: MemoryStream<T>,
    consumer: { limits: BatchLimits; handler: BatchHandler<T> },
  ): StopConsuming {
    let stop: Promise<StopConsuming> | undefined
    let ended = false
    const end = async () => (await stop)?.()
    const begin = () => {
      if (stop !== undefined || ended || process.cutOff) return
      stop = stream.consume(consumer.limits, (batch) => this.#hand(process, batch, consumer.handler))
      process.onUnreachable(() => {
        void end()
        stop = undefined
      })
    }
    process.onWake(begin)
    begin()
    return async () => {
      ended = true
      await end()
    }
  }

  /** Resolves when the broker hears that the batch was handled; rejects when its consumer is gone first. */
  #hand<T>(process: SimProcess, batch: readonly T[], handler: BatchHandler<T>): Promise<void> {
    return new Promise((resolve, reject) => {
      const stopWatching = process.onUnreachable(() => reject(new Unavailable('the consumer is gone (simulated)')))
      const back = (settle: () => void) => {
        this.#world.after(this.#network.latencyMs(), () => {
          if (process.cutOff) return
          stopWatching()
          settle()
        })
      }
      process.deliver(this.#network.latencyMs(), () => {
        handler(batch).then(
          () =>
            back(() => {
              if (this.#network.goesWrong(this.#network.weather.lostAck))
                reject(new UnknownOutcome('the ack is lost (simulated)'))
              else resolve()
            }),
          (error: unknown) => back(() => reject(error instanceof Error ? error : new Error(String(error)))),
        )
      })
    })
  }
}

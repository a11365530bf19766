import type { OnRabbitEvent, Rabbit } from '@quarry/messaging-rabbitmq'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'

const streams = ['results', 'settlements'] as const

/** What the bus tells of itself, as log lines and as metrics. */
export class BusWatch {
  readonly #logger: Logger
  readonly #events: Counter
  readonly #metrics: Registry

  constructor({ logger, metrics }: { logger: Logger; metrics: Registry }) {
    this.#logger = logger
    this.#metrics = metrics
    this.#events = new Counter({
      name: 'quarry_bus_events_total',
      help: 'Events of the connections to RabbitMQ, dead letters and failed batches included',
      labelNames: ['kind'],
      registers: [metrics],
    })
  }

  readonly onEvent: OnRabbitEvent = (event) => {
    this.#events.inc({ kind: event.kind })
    switch (event.kind) {
      case 'connected':
      case 'unblocked':
        return this.#logger.info(event, `bus ${event.kind}`)
      case 'disconnected':
      case 'blocked':
        return this.#logger.warn(event, `bus ${event.kind}`)
      case 'batch-failed':
        return this.#logger.warn(
          { ...event, error: undefined, err: event.error },
          'a batch failed and is delivered again',
        )
      case 'dead-letter':
        return this.#logger.error(event, 'a message became a dead letter: it is kept, and waits for an operator')
    }
  }

  /** Counts what lies in the dead letter queues whenever the metrics are read. */
  countDeadLetters({ deadLetters }: Pick<Rabbit, 'deadLetters'>): void {
    new Gauge({
      name: 'quarry_dead_letters',
      help: 'Messages that were given up and wait for an operator',
      labelNames: ['stream'],
      registers: [this.#metrics],
      async collect() {
        // With the broker away there is no figure, and the others must still be readable.
        const counts = await Promise.all(streams.map((stream) => deadLetters.count(stream).catch(() => undefined)))
        for (const [index, stream] of streams.entries()) {
          const count = counts[index]
          if (count === undefined) this.remove({ stream })
          else this.set({ stream }, count)
        }
      },
    })
  }
}

import type { Delivery } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { StopConsuming } from '@quarry/messaging-port'
import { PushInbox, StoreResults } from '@quarry/result-server/application'
import type { Ports } from '../engines/sim-engines.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import { everyRound } from './rounds.ts'

const limits = { maxMessages: 200, maxWaitMs: 8, maxBatches: 16 }
const LOOK_AGAIN_MS = 10_000

/** A connected result-client, as the server sees it. */
export interface ReceiverEnd {
  readonly customerId: UserId
  readonly window: number
  results(deliveries: readonly Delivery[]): void
}

/** A result-server process: results stored, inboxes pushed. */
export class ResultService {
  readonly #ports: Ports
  readonly #inboxes = new Set<PushInbox>()
  readonly #stop: Promise<StopConsuming>

  constructor(_process: SimProcess, ports: Ports) {
    this.#ports = ports
    const { results, testFetches, bus, live, clock } = ports
    const store = new StoreResults({ results, testFetches, bus, live, clock })
    this.#stop = bus.results.consume(limits, (batch) => store.run(batch))
    everyRound(clock, LOOK_AGAIN_MS, () => {
      for (const inbox of this.#inboxes) inbox.wake()
    })
  }

  /** A receiver goes on after its last written cursor. */
  connected(end: ReceiverEnd, after: string | undefined): { ack(cursor: string): void; closed(): void } {
    const receiver = { ...end, congested: () => false, chunk: () => undefined, caughtUp: () => undefined }
    const inbox = new PushInbox({ results: this.#ports.results, onError: () => undefined }, receiver, after)
    this.#inboxes.add(inbox)
    const unsubscribe = this.#ports.live.subscribe(`user:${end.customerId}`, ({ kind }) => {
      if (kind === 'results-waiting') inbox.wake()
    })
    inbox.wake()
    return {
      ack: (cursor) => inbox.acknowledge(cursor),
      closed: () => {
        unsubscribe()
        inbox.stop()
        this.#inboxes.delete(inbox)
      },
    }
  }

  async stop(): Promise<void> {
    await (
      await this.#stop
    )()
  }
}

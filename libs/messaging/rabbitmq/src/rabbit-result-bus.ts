import type { ResultMessage, SettlementMessage } from '@quarry/contracts'
import type { ResultBus } from '@quarry/messaging-port'
import type { RabbitStream } from './rabbit-stream.ts'

/** Both streams on one broker. A publish is confirmed when the broker has written it down, on most of its nodes. */
export class RabbitResultBus implements ResultBus {
  readonly results: RabbitStream<ResultMessage>
  readonly settlements: RabbitStream<SettlementMessage>

  constructor(results: RabbitStream<ResultMessage>, settlements: RabbitStream<SettlementMessage>) {
    this.results = results
    this.settlements = settlements
  }

  async close(): Promise<void> {
    await Promise.all([this.results.close(), this.settlements.close()])
  }
}

import type { ResultMessage, SettlementMessage } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import type { ResultBus } from '@quarry/messaging-port'
import type { MemoryStreamOptions } from './memory-stream.ts'
import { MemoryStream } from './memory-stream.ts'

/** What an envelope without its body weighs in memory, roughly. */
const ENVELOPE_BYTES = 2_048

export type MemoryResultBusOptions = Omit<MemoryStreamOptions<unknown>, 'sizeBytesOf'>

/** Both streams within this process; nothing is written down, because a publish is confirmed by its consumer. */
export class MemoryResultBus implements ResultBus {
  readonly results: MemoryStream<ResultMessage>
  readonly settlements: MemoryStream<SettlementMessage>

  constructor(clock: Clock, options: MemoryResultBusOptions = {}) {
    this.results = new MemoryStream(clock, {
      ...options,
      sizeBytesOf: (message) => ENVELOPE_BYTES + (message.body?.byteLength ?? 0),
    })
    this.settlements = new MemoryStream(clock, { ...options, sizeBytesOf: () => ENVELOPE_BYTES })
  }

  /** Ends both streams: publishers still waiting get `UnknownOutcome`, later ones `Unavailable`. */
  close(): void {
    this.results.close()
    this.settlements.close()
  }
}

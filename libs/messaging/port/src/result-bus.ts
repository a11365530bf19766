import type { ResultMessage, SettlementMessage } from '@quarry/contracts'

/** Ends a subscription after the batch in hand is done. */
export type StopConsuming = () => Promise<void>

/**
 * Handles one batch. Resolving acknowledges all of it; rejecting returns all of it for a later delivery, in any order,
 * to any consumer. Every message is delivered at least once.
 */
export type BatchHandler<T> = (batch: readonly T[]) => Promise<void>

/** A batch closes by size, or when its first message has waited `maxWaitMs`. */
export interface BatchLimits {
  readonly maxMessages: number
  readonly maxWaitMs: number
  /** Batches in hand at once; further messages wait in the bus, which slows the publishers down. */
  readonly maxBatches: number
}

/**
 * One stream of messages between services: at least once, no order promised. `publish` resolves when every message is
 * confirmed: it will reach a consumer whatever dies. It rejects with `Unavailable` when some could not be taken and with
 * `UnknownOutcome` when that is not known; publishing again is safe because consumers deduplicate by id. A message that
 * is delivered again and again without success ends as a dead letter, which is counted and kept.
 * On one machine a publish is confirmed when its consumer has acknowledged, so nothing is written twice; a dead letter
 * counts as acknowledged. A handler must not await a publish to the stream it consumes.
 */
export interface Stream<T> {
  /** Takes the list as it is at the call; the list, but not its messages, may be changed afterwards. */
  publish(messages: readonly T[]): Promise<void>
  consume(limits: BatchLimits, handler: BatchHandler<T>): Promise<StopConsuming>
  /** Messages published and not yet acknowledged, as far as this process knows. */
  backlog(): Promise<number>
}

export interface ResultBus {
  readonly results: Stream<ResultMessage>
  readonly settlements: Stream<SettlementMessage>
}

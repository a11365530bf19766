import type { ResultBus } from '@quarry/messaging-port'

/**
 * What an operator wants to read in the log or count: connections by name (`results publisher`, …), the broker's own
 * alarms, batches that a handler refused, and dead letters. Dead letters that the broker itself buries, because their
 * consumers crash, are only seen by the count of the dead.
 */
export type RabbitEvent =
  | { readonly kind: 'connected'; readonly connection: string }
  | { readonly kind: 'disconnected'; readonly connection: string; readonly reason: string }
  /** The broker takes no messages (memory or disk alarm): publishers wait. */
  | { readonly kind: 'blocked'; readonly connection: string; readonly reason: string }
  | { readonly kind: 'unblocked'; readonly connection: string }
  | {
      readonly kind: 'batch-failed'
      readonly stream: keyof ResultBus
      readonly messages: number
      readonly error: unknown
    }
  | { readonly kind: 'dead-letter'; readonly stream: keyof ResultBus; readonly id: string; readonly reason: string }

export type OnRabbitEvent = (event: RabbitEvent) => void

import type { LiveEvent } from '@quarry/contracts'

/**
 * `bucket:<n>` tells its owner of changed entries, `user:<id>` tells a user's open sockets, `notifications` whoever sends
 * them that somebody wishes for other ones, `miners` how many are connected to the mining-servers, `deny-list` whoever applies
 * that, `market` everybody that the figures of all changed, `access` every process that somebody's access is over early.
 */
export type Topic =
  `bucket:${number}` | `user:${string}` | 'notifications' | 'miners' | 'deny-list' | 'market' | 'access'

/**
 * Hints between services: at most once, in order per publisher and topic, to those subscribed at that moment. Nothing
 * may depend on one arriving. Publishing never fails and never waits for a subscriber; a listener that throws affects
 * nobody else.
 */
export interface LiveEvents {
  publish(topic: Topic, event: LiveEvent): void
  subscribe(topic: Topic, listener: (event: LiveEvent) => void): () => void
}

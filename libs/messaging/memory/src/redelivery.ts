import { Unavailable, UnknownOutcome } from '@quarry/messaging-port'
import type { Delivery } from './delivery.ts'

const FIRST_BACKOFF_MS = 10
const LONGEST_BACKOFF_MS = 5_000
/** A failed batch is delivered this often as it was; then each of its messages goes alone. */
const DELIVERIES_TOGETHER = 5
/** So often a message fails alone, while others succeed, before it counts as poison. */
const DELIVERIES_ALONE = 5
/** So many failures end a message even when nothing else succeeds: more than eight minutes of trying. */
const DELIVERIES_AT_MOST = 110

/**
 * Whether a consumer's error speaks of an engine that does not answer. It says nothing of the message, however often it
 * comes: after an outage one more such failure must not make poison of what waited for its end.
 */
export function isOutage(error: unknown): boolean {
  return error instanceof Unavailable || error instanceof UnknownOutcome
}

/** What becomes of a message after a failed delivery. */
export type NextDelivery = 'together' | 'alone' | 'dead-letter'

/**
 * A consumer that fails everything has a trouble of its own (a full disk, a locked database): its messages are kept and
 * tried again. One that fails this message but takes others tells that the message is poison.
 */
export function nextDelivery(delivery: Delivery<unknown>, acknowledged: number): NextDelivery {
  if (delivery.failures - delivery.outages >= DELIVERIES_AT_MOST) return 'dead-letter'
  if (delivery.failures < DELIVERIES_TOGETHER) return 'together'
  const othersSucceed = acknowledged > delivery.acknowledgedBefore
  return othersSucceed && delivery.failuresAlone >= DELIVERIES_ALONE ? 'dead-letter' : 'alone'
}

/** How long a batch waits after its n-th failure, counted from 1. */
export function backoffMs(failures: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1))
}

import type { DeliveryView } from '@quarry/contracts'
import type { WebhookEventType } from '@quarry/domain'

/** In the order in which they are offered. */
export const eventTypes = [
  'run.changed',
  'run.failed',
  'run.delivered',
  'order.finished',
  'order.paused',
  'balance.low',
] as const satisfies readonly WebhookEventType[]

const words = {
  'run.changed': 'changed',
  'run.failed': 'failed',
  'run.delivered': 'delivered',
  'order.finished': 'finished',
  'order.paused': 'paused',
  'balance.low': 'low',
  'webhook.test': 'test',
} as const satisfies Record<DeliveryView['type'], string>

/** The key of an event's words: in a dictionary a full stop leads one level down. */
export function wordOf<T extends DeliveryView['type']>(type: T): (typeof words)[T] {
  return words[type]
}

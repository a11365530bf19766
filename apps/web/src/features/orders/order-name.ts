import type { OrderView } from '@quarry/contracts'

/** What an order is called: its name, else where it points. */
export function orderName(order: Pick<OrderView, 'name' | 'url'>): string {
  if (order.name !== '') return order.name
  return URL.canParse(order.url) ? new URL(order.url).host : order.url
}

import type { OrderView, PageView } from '@quarry/contracts'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { keys } from '../../http/keys.ts'

/**
 * Shows a change of an order, on its page and in every list, before the server has answered. Returns how to take it back;
 * what the server says later, by its answer or live, replaces it either way.
 */
export async function showChange(cache: QueryClient, orderId: string, change: Partial<OrderView>): Promise<() => void> {
  // An answer on its way was asked for before the change, and would undo it for a moment.
  await Promise.all([
    cache.cancelQueries({ queryKey: keys.order(orderId) }),
    cache.cancelQueries({ queryKey: keys.orderList }),
  ])
  const before = cache.getQueryData<OrderView>(keys.order(orderId))
  if (before !== undefined) cache.setQueryData(keys.order(orderId), { ...before, ...change })
  const lists = cache.getQueriesData<InfiniteData<PageView<OrderView>>>({ queryKey: keys.orderList })
  for (const [queryKey, list] of lists)
    if (list !== undefined) cache.setQueryData(queryKey, changed(list, orderId, change))
  return () => {
    if (before !== undefined) cache.setQueryData(keys.order(orderId), before)
    for (const [queryKey, list] of lists) if (list !== undefined) cache.setQueryData(queryKey, list)
  }
}

function changed(
  list: InfiniteData<PageView<OrderView>>,
  orderId: string,
  change: Partial<OrderView>,
): InfiniteData<PageView<OrderView>> {
  const pages = list.pages.map((page) => ({
    ...page,
    items: page.items.map((order) => (order.id === orderId ? { ...order, ...change } : order)),
  }))
  return { ...list, pages }
}

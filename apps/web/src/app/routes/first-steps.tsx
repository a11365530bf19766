import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ordersQuery } from '../../features/orders/api/list-orders.ts'
import { tokensQuery } from '../../features/tokens/api/list-tokens.ts'
import { TourCard } from '../../features/tour/components/tour-card.tsx'

/** The first steps, as far as the user has come; it follows the same live events as what it is about. */
export function FirstSteps() {
  const orders = useInfiniteQuery(ordersQuery({}))
  const tokens = useQuery(tokensQuery)
  if (orders.data === undefined || tokens.data === undefined) return null
  const all = orders.data.pages.flatMap((page) => page.items)
  const facts = {
    orders: all.length,
    delivered: all.reduce((sum, { delivered }) => sum + delivered, 0),
    receives: tokens.data.some(({ scopes, lastUsedAt }) => scopes.includes('results:read') && lastUsedAt !== undefined),
  }
  return <TourCard facts={facts} />
}

import type { OrderListQuery } from '@quarry/contracts'

/** What the list of orders is to show, as its address says it. */
export type OrderFilter = Partial<Pick<OrderListQuery, 'q' | 'state' | 'tag' | 'sort'>>

export const orderStates = [
  'placing',
  'active',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'finished',
] as const satisfies readonly OrderFilter['state'][]
export const orderSorts = ['newest', 'next', 'name', 'last'] as const satisfies readonly OrderFilter['sort'][]

export function isOneOf<T extends string>(value: unknown, all: readonly T[]): value is T {
  return all.some((each) => each === value)
}

import type { PlaceOrderInput } from '@quarry/contracts'

export const REPETITIONS = 3
const INTERVAL_MS = 2000

/** What the demo orders, and what has to come of each repetition. */
export interface DemoOrder {
  readonly name: string
  readonly path: string
  readonly expected: 'delivered' | 'refunded'
}

export const demoOrders: readonly DemoOrder[] = [
  { name: 'plain page', path: '/page', expected: 'delivered' },
  { name: 'redirects', path: '/moved', expected: 'delivered' },
  { name: 'missing page', path: '/missing', expected: 'delivered' },
  { name: 'busy (429) first', path: '/busy?visit=demo', expected: 'delivered' },
  { name: 'over the size limit', path: '/huge', expected: 'refunded' },
  { name: 'robots.txt forbids', path: '/private/diary', expected: 'refunded' },
]

export function demoOrderInput(site: string, { name, path }: DemoOrder): PlaceOrderInput {
  return {
    url: site + path,
    name,
    schedule: { kind: 'interval', intervalMs: INTERVAL_MS },
    repetitions: REPETITIONS,
  }
}

import type { OrderView, PlaceOrderInput } from '@quarry/contracts'
import type { ApiClient, TargetSite } from '@quarry/testkit'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is ordered, and how often: pages that come, that change, that fail once or always, that are slow or large. */
const paths: readonly (readonly [path: string, intervalMs: number])[] = [
  ['/page', 500],
  ['/changing/a', 700],
  ['/changing/b', 1_100],
  ['/one-line', 900],
  ['/slow?ms=400', 1_300],
  ['/missing', 1_700],
  ['/private/diary', 1_900],
  ['/status/503', 2_900],
  ['/hops/3', 2_300],
]

/** Places the orders of one customer, due all through the run. */
export async function placeLoad(
  customer: ApiClient,
  site: TargetSite,
  durationMs: number,
): Promise<readonly OrderView[]> {
  const placed: OrderView[] = []
  for (const [path, intervalMs] of paths) {
    const order: PlaceOrderInput = {
      url: site.url + path,
      schedule: { kind: 'interval', intervalMs },
      repetitions: Math.max(1, Math.floor(durationMs / intervalMs)),
      catchUp: 'all',
    }
    placed.push(await customer.place(order))
  }
  return placed
}

/**
 * Places one more order now and then while things break; with one idempotency key for all tries of an order, so that an
 * answer that was lost makes no second one. Resolves with what was placed.
 */
export async function placeOnTheWay(
  customer: ApiClient,
  site: TargetSite,
  { durationMs, everyMs }: { durationMs: number; everyMs: number },
): Promise<readonly OrderView[]> {
  const until = performance.now() + durationMs
  const placed: OrderView[] = []
  for (let nth = 0; performance.now() < until; nth++) {
    await sleep(everyMs)
    const order: PlaceOrderInput = { url: `${site.url}/changing/late-${nth}`, schedule: { kind: 'once' } }
    placed.push(await persistently(`order ${nth} is placed`, () => customer.place(order, `late-${nth}`)))
  }
  return placed
}

/** Tries again while the marketplace is broken; a refusal that names a field would not get better and is thrown. */
export async function persistently<T>(what: string, call: () => Promise<T>, patienceMs = 120_000): Promise<T> {
  const until = performance.now() + patienceMs
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (performance.now() > until) throw new Error(`waited in vain until ${what}`, { cause: error })
      await sleep(300)
    }
  }
}

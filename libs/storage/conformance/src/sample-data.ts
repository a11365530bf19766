import { jobIdOf, type Order, type RunResult } from '@quarry/domain'
import type { IncomingResult } from '@quarry/storage-port'

/** An hour of 2026, well away from 0 and from today. */
export const T0 = 1_780_000_000_000

export function orderOf(id: string, change: Partial<Order> = {}): Order {
  return {
    id,
    customerId: 'customer',
    name: 'Prices',
    url: 'http://shop.example/prices',
    host: 'shop.example',
    schedule: { kind: 'interval', startAt: T0 + 60_000, intervalMs: 60_000 },
    repetitions: 10,
    priceCoins: 2,
    patienceMs: 3_600_000,
    catchUp: 'latest',
    createdAt: T0,
    ...change,
  }
}

export function failedRun(orderId: string, rep: number, change: Partial<RunResult> = {}): RunResult {
  return {
    jobId: jobIdOf(orderId, rep),
    orderId,
    rep,
    customerId: 'customer',
    url: 'http://shop.example/prices',
    priceCoins: 2,
    dueAt: T0 + rep * 60_000,
    attempt: 3,
    miner: { userId: 'miner', deviceId: 'device' },
    startedAt: T0 + rep * 60_000 + 5,
    finishedAt: T0 + rep * 60_000 + 105,
    outcome: { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'Kein Wort für 10 s – “leise” 🐌' },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...change,
  }
}

/** A page with `text` as its body; the hash is made from it, so that equal texts are equal pages. */
export function pageOf(orderId: string, rep: number, text: string, change: Partial<RunResult> = {}): IncomingResult {
  const body = new TextEncoder().encode(text)
  return {
    run: {
      ...failedRun(orderId, rep),
      attempt: 1,
      outcome: {
        kind: 'page',
        status: 200,
        finalUrl: 'http://shop.example/prices?page=1',
        redirects: [{ status: 301, url: 'http://shop.example/' }],
        headers: [
          ['content-type', 'text/html; charset=utf-8'],
          ['x-note', 'tab\tand "quotes"'],
        ],
        timings: { firstByteMs: 12.5, totalMs: 40 },
        content: { sha256: shaOf(text), sizeBytes: body.length, encoding: 'identity', storedBytes: body.length },
      },
      ...change,
    },
    body,
  }
}

/** Not SHA-256, but as long and as distinct as the tests need. */
export function shaOf(text: string): string {
  return Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('')
    .padEnd(64, '0')
    .slice(0, 64)
}

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

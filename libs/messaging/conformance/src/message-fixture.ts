import type { ResultMessage, SettlementMessage } from '@quarry/contracts'
import { jobIdOf } from '@quarry/domain'

const NOW = 1_700_000_000_000
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** A delivered page of `bodyBytes` bytes, not all of them text. */
export function resultFixture(rep: number, bodyBytes = 100): ResultMessage {
  return {
    v: 1,
    run: {
      jobId: jobIdOf('order-1', rep),
      orderId: 'order-1',
      rep,
      customerId: 'customer-1',
      url: 'https://example.com/',
      priceCoins: 1,
      dueAt: NOW,
      attempt: 1,
      miner: { userId: 'miner-1', deviceId: 'device-1' },
      startedAt: NOW,
      finishedAt: NOW + 40,
      outcome: {
        kind: 'page',
        status: 200,
        finalUrl: 'https://example.com/',
        redirects: [],
        headers: [['content-type', 'text/html']],
        timings: { firstByteMs: 20, totalMs: 40 },
        content: { sha256: '0'.repeat(64), sizeBytes: bodyBytes, encoding: 'identity', storedBytes: bodyBytes },
      },
      traceparent: TRACEPARENT,
    },
    body: Uint8Array.from({ length: bodyBytes }, (_, index) => (index * 7 + rep) % 256),
  }
}

/** As many results, numbered from `first`. */
export function resultFixtures(count: number, first = 0): ResultMessage[] {
  return Array.from({ length: count }, (_, index) => resultFixture(first + index))
}

/** The payment of a repetition. */
export function settlementFixture(rep: number): SettlementMessage {
  return {
    v: 1,
    transfer: {
      id: jobIdOf('order-1', rep),
      kind: 'payment',
      debit: 'escrow:1',
      credit: 'user:miner-1',
      amountCoins: 1,
      orderId: 'order-1',
      at: NOW,
    },
    traceparent: TRACEPARENT,
  }
}

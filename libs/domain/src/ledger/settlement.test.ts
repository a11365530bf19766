import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobIdOf } from '../ids.ts'
import type { Order } from '../orders/order.ts'
import { orderOf } from '../orders/order.sample.ts'
import type { Outcome, RunResult } from '../results/outcome.ts'
import { escrowAccount } from './accounts.ts'
import { cancelRefundOf, escrowOf, settlementOf } from './settlement.ts'

const page: Outcome = {
  kind: 'page',
  status: 404,
  finalUrl: 'https://example.org/',
  redirects: [],
  headers: [],
  timings: { firstByteMs: 1, totalMs: 2 },
  content: { sha256: 'a'.repeat(64), sizeBytes: 0, encoding: 'identity', storedBytes: 0 },
}
const failure: Outcome = { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'No answer in 30 s.' }
const miner = { userId: 'miner-1', deviceId: 'device-1' }

function runOf(outcome: Outcome, by?: typeof miner): RunResult {
  return {
    jobId: 'order-1:4',
    orderId: 'order-1',
    rep: 4,
    customerId: 'customer-1',
    url: 'https://example.org/',
    priceCoins: 3,
    dueAt: 1000,
    attempt: 1,
    ...(by ? { miner: by } : {}),
    startedAt: 1001,
    finishedAt: 1002,
    outcome,
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  }
}

function pricedOrder(repetitions: number, priceCoins: number): Order {
  return { ...orderOf({ kind: 'interval', startAt: 7, intervalMs: 10_000 }, repetitions), priceCoins }
}

describe('settlementOf', () => {
  it('pays the miner for any page, under the id of the job', () => {
    expect(settlementOf(runOf(page, miner))).toEqual({
      id: 'order-1:4',
      kind: 'payment',
      debit: escrowAccount('order-1'),
      credit: 'user:miner-1',
      amountCoins: 3,
      orderId: 'order-1',
      at: 1002,
    })
  })

  it.each([
    ['a failure, though a miner tried', runOf(failure, miner)],
    ['a failure that no miner touched', runOf(failure)],
    ['a page that nobody can be paid for', runOf(page)],
  ])('returns the coins to the customer for %s, under the same id', (_, run) => {
    expect(settlementOf(run)).toMatchObject({
      id: 'order-1:4',
      kind: 'refund',
      credit: 'user:customer-1',
      amountCoins: 3,
    })
  })
})

describe('escrow', () => {
  it('holds the price of every repetition', () => {
    expect(escrowOf(pricedOrder(10, 3))).toEqual({
      id: 'order-1:escrow',
      kind: 'escrow',
      debit: 'user:customer-1',
      credit: escrowAccount('order-1'),
      amountCoins: 30,
      orderId: 'order-1',
      at: 7,
    })
  })

  it('is empty once every emitted repetition is settled and the rest is refunded', () => {
    fc.assert(
      fc.property(
        fc.record({
          repetitions: fc.integer({ min: 1, max: 40 }),
          priceCoins: fc.integer({ min: 1, max: 100 }),
          pages: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
          cut: fc.nat(),
        }),
        ({ repetitions, priceCoins, pages, cut }) => {
          const order = pricedOrder(repetitions, priceCoins)
          const firstSkipped = cut % (repetitions + 1)
          const settlements = pages.slice(0, firstSkipped).map((brought, rep) =>
            settlementOf({
              ...runOf(brought ? page : failure, miner),
              jobId: jobIdOf(order.id, rep),
              priceCoins,
            }),
          )
          const refund = cancelRefundOf(order, firstSkipped, 9)
          expect(refund === undefined).toBe(firstSkipped === repetitions)
          const out = [...settlements, ...(refund ? [refund] : [])]
          expect(new Set(out.map(({ id }) => id)).size).toBe(out.length)
          expect(out.every(({ debit }) => debit === escrowOf(order).credit)).toBe(true)
          expect(out.reduce((sum, { amountCoins }) => sum + amountCoins, 0)).toBe(escrowOf(order).amountCoins)
        },
      ),
    )
  })

  it('returns the coins of a cancel to the customer, under an id of its own', () => {
    expect(cancelRefundOf(pricedOrder(10, 3), 4, 9)).toEqual({
      id: 'order-1:cancel',
      kind: 'refund',
      debit: escrowAccount('order-1'),
      credit: 'user:customer-1',
      amountCoins: 18,
      orderId: 'order-1',
      at: 9,
    })
  })
})

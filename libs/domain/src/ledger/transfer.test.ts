import { describe, expect, it } from 'vitest'
import { sameTransfer, type Transfer } from './transfer.ts'

const transfer: Transfer = {
  id: 'order-1:0',
  kind: 'payment',
  debit: 'escrow:1',
  credit: 'user:ada',
  amountCoins: 1,
  orderId: 'order-1',
  at: 5,
}

describe('sameTransfer', () => {
  it('does not look at the time, which differs when a step is repeated', () => {
    expect(sameTransfer(transfer, { ...transfer, at: 6 })).toBe(true)
  })

  it.each<Partial<Transfer>>([
    { kind: 'refund' },
    { debit: 'escrow:2' },
    { credit: 'user:bob' },
    { amountCoins: 2 },
    { orderId: 'order-2' },
  ])('tells a transfer with other parameters apart: %j', (other) => {
    expect(sameTransfer(transfer, { ...transfer, ...other })).toBe(false)
  })
})

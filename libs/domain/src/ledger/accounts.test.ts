import { describe, expect, it } from 'vitest'
import { bucketOf } from '../sharding/bucket.ts'
import { ESCROW_ACCOUNTS, escrowAccount, MINT_ACCOUNTS, mayOverdraw, mintAccount, userAccount } from './accounts.ts'

const ids = Array.from({ length: 6400 }, (_, n) => `id-${n}`)

describe('accounts', () => {
  it('names a user’s account after the user', () => {
    expect(userAccount('ada')).toBe('user:ada')
  })

  it('keeps all orders of a bucket in one escrow account', () => {
    const accountOfBucket = new Map<number, string>()
    for (const id of ids) {
      const known = accountOfBucket.get(bucketOf(id)) ?? escrowAccount(id)
      accountOfBucket.set(bucketOf(id), known)
      expect(escrowAccount(id)).toBe(known)
    }
  })

  it.each([
    ['escrow', escrowAccount, ESCROW_ACCOUNTS],
    ['mint', mintAccount, MINT_ACCOUNTS],
  ] as const)('spreads ids over every %s account and no other', (prefix, accountOf, count) => {
    const used = new Set(ids.map(accountOf))
    expect([...used].sort()).toEqual(Array.from({ length: count }, (_, n) => `${prefix}:${n}`).sort())
  })

  it('lets mints alone fall below zero, whatever a user is called', () => {
    expect(mayOverdraw(mintAccount('ada'))).toBe(true)
    expect(mayOverdraw(escrowAccount('order-1'))).toBe(false)
    expect(mayOverdraw(userAccount('mint:1'))).toBe(false)
  })
})

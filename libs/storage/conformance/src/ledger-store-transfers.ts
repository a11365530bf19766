import type { AccountId, Transfer } from '@quarry/domain'
import type { LedgerStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { numbers, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

export function mint(id: string, credit: AccountId, amountCoins: number): Transfer {
  return { id, kind: 'mint', debit: 'mint:7', credit, amountCoins, at: T0 }
}

export function move(id: string, from: AccountId, to: AccountId, amountCoins: number): Transfer {
  return { id, kind: 'payment', debit: from, credit: to, amountCoins, at: T0 + 1 }
}

/** The three transfers of an order's life; ids as the domain makes them. */
export function orderTransfer(
  kind: 'escrow' | 'payment' | 'refund',
  orderId: string,
  rep: number,
  amountCoins: number,
): Transfer {
  const escrow = kind === 'escrow'
  return {
    id: escrow ? `${orderId}:escrow` : `${orderId}:${rep}`,
    kind,
    debit: escrow ? 'user:ann' : 'escrow:3',
    credit: escrow ? 'escrow:3' : kind === 'payment' ? 'user:mia' : 'user:ann',
    amountCoins,
    orderId,
    at: T0 + rep,
  }
}

export async function coinsOf(store: LedgerStore, account: AccountId): Promise<number> {
  return (await store.balance(account)).postedCoins
}

/** The account's whole journal, page by page, as ids from newest to oldest. */
export async function journalIds(store: LedgerStore, account: AccountId, limit: number): Promise<string[]> {
  const ids: string[] = []
  let after: string | undefined
  do {
    const page = await store.journal(account, { limit, ...(after === undefined ? {} : { after }) })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    ids.push(...page.items.map((entry) => entry.transfer.id))
    expect(ids.length, 'a journal that never ends').toBeLessThan(1000)
    after = page.next
  } while (after !== undefined)
  return ids
}

export function ledgerTransferTests(bench: () => StoreBench<LedgerStore>): void {
  let store: LedgerStore
  beforeEach(async () => {
    store = await bench().connect()
  })

  it('knows nothing of an account that never had a transfer', async () => {
    expect(await store.balance('user:nobody')).toEqual({ postedCoins: 0, heldCoins: 0 })
    expect(await store.journal('user:nobody', { limit: 5 })).toEqual({ items: [] })
    expect(await store.orderCoins('no-order')).toEqual({ paidInCoins: 0, paidOutCoins: 0, refundedCoins: 0 })
    expect(await store.audit(T0)).toEqual([])
    expect(await store.apply([])).toEqual([])
  })

  it('moves coins from one account to another, in the order given', async () => {
    const outcomes = await store.apply([
      move('early', 'user:ann', 'user:mia', 5),
      mint('m', 'user:ann', 10),
      move('late', 'user:ann', 'user:mia', 4),
    ])
    expect(outcomes).toEqual([
      { kind: 'insufficient', availableCoins: 0 },
      { kind: 'posted', repeated: false },
      { kind: 'posted', repeated: false },
    ])
    expect(await store.balance('user:ann')).toEqual({ postedCoins: 6, heldCoins: 0 })
    expect(await coinsOf(store, 'user:mia')).toBe(4)
    expect(await coinsOf(store, 'mint:7')).toBe(-10)
    expect(await store.audit(T0 + 2)).toEqual([])
  })

  it('spends an account down to zero and not one coin further', async () => {
    await store.apply([mint('m', 'user:ann', 10)])
    const outcomes = await store.apply([move('a', 'user:ann', 'user:mia', 10), move('b', 'user:ann', 'user:mia', 1)])
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['posted', 'insufficient'])
    expect(await coinsOf(store, 'user:ann')).toBe(0)
  })

  it('applies an id once, however often and wherever in a batch it comes', async () => {
    const transfer = move('once', 'user:ann', 'user:mia', 3)
    await store.apply([mint('m', 'user:ann', 10)])
    expect(await store.apply([transfer, transfer])).toEqual([
      { kind: 'posted', repeated: false },
      { kind: 'posted', repeated: true },
    ])
    expect(await store.apply([{ ...transfer, at: T0 + 99 }])).toEqual([{ kind: 'posted', repeated: true }])
    expect(await coinsOf(store, 'user:mia')).toBe(3)
    expect(await journalIds(store, 'user:mia', 10)).toEqual(['once'])
  })

  it('keeps an id refused, with the coins that there were, even when coins have come since', async () => {
    await store.apply([mint('m', 'user:ann', 2)])
    const transfer = move('refused', 'user:ann', 'user:mia', 3)
    expect(await store.apply([transfer])).toEqual([{ kind: 'insufficient', availableCoins: 2 }])
    await store.apply([mint('m2', 'user:ann', 50)])
    expect(await store.apply([transfer])).toEqual([{ kind: 'insufficient', availableCoins: 2 }])
    expect(await coinsOf(store, 'user:mia')).toBe(0)
    expect(await journalIds(store, 'user:ann', 10)).toEqual(['m2', 'm'])
  })

  it.each([
    ['amount', { amountCoins: 4 }],
    ['debit', { debit: 'user:eve' as const }],
    ['credit', { credit: 'user:eve' as const }],
    ['kind', { kind: 'refund' as const }],
  ])('calls the same id with another %s a mismatch, and moves nothing', async (_, change) => {
    const [good, refused] = [move('good', 'user:ann', 'user:mia', 3), move('refused', 'user:ann', 'user:mia', 1000)]
    await store.apply([mint('m', 'user:ann', 10), mint('e', 'user:eve', 10), good, refused])
    expect(
      await store.apply([
        { ...good, ...change },
        { ...refused, ...change },
      ]),
    ).toEqual([{ kind: 'mismatch' }, { kind: 'mismatch' }])
    expect(await coinsOf(store, 'user:ann')).toBe(7)
    expect(await coinsOf(store, 'user:eve')).toBe(10)
    expect(await store.apply([good])).toEqual([{ kind: 'posted', repeated: true }])
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 60])(
    'throws on %d coins and does nothing of that batch',
    async (amountCoins) => {
      await expect(store.apply([mint('m', 'user:ann', 10), mint('bad', 'user:ann', amountCoins)])).rejects.toThrow(
        RangeError,
      )
      await expect(store.apply([move('self', 'user:ann', 'user:ann', 1)])).rejects.toThrow(RangeError)
      expect(await coinsOf(store, 'user:ann')).toBe(0)
    },
  )

  it('keeps account of each order', async () => {
    await store.apply([mint('m', 'user:ann', 100)])
    await store.apply([
      orderTransfer('escrow', 'o1', 0, 10),
      orderTransfer('escrow', 'o2', 0, 6),
      orderTransfer('payment', 'o1', 0, 2),
      orderTransfer('refund', 'o1', 1, 2),
      orderTransfer('payment', 'o1', 2, 2),
    ])
    await store.apply([orderTransfer('payment', 'o1', 2, 2), orderTransfer('escrow', 'o3', 0, 9999)])
    expect(await store.orderCoins('o1')).toEqual({ paidInCoins: 10, paidOutCoins: 4, refundedCoins: 2 })
    expect(await store.orderCoins('o2')).toEqual({ paidInCoins: 6, paidOutCoins: 0, refundedCoins: 0 })
    expect(await store.orderCoins('o3')).toEqual({ paidInCoins: 0, paidOutCoins: 0, refundedCoins: 0 })
    expect(await coinsOf(store, 'escrow:3')).toBe(10)
    expect(await store.audit(T0 + 9)).toEqual([])
  })

  it('finds an order that paid out more than it had paid in', async () => {
    await store.apply([
      mint('m', 'user:ann', 100),
      orderTransfer('escrow', 'o1', 0, 4),
      orderTransfer('escrow', 'o2', 0, 10),
    ])
    await store.apply([orderTransfer('payment', 'o1', 0, 5)])
    const violations = await store.audit(T0 + 9)
    expect(violations.map(({ invariant, subject }) => ({ invariant, subject }))).toEqual([
      { invariant: 'order-adds-up', subject: 'o1' },
    ])
  })

  it('shows both sides of a transfer, whole, with their signs', async () => {
    const escrow = orderTransfer('escrow', 'o1', 0, 4)
    await store.apply([mint('m', 'user:ann', 5), escrow])
    const ann = await store.journal('user:ann', { limit: 10 })
    expect(ann).toEqual({
      items: [
        { transfer: escrow, amountCoins: -4 },
        { transfer: mint('m', 'user:ann', 5), amountCoins: 5 },
      ],
    })
    expect((await store.journal('escrow:3', { limit: 10 })).items).toEqual([{ transfer: escrow, amountCoins: 4 }])
  })

  it.each([1, 2, 3, 7, 200])('pages through the journal by %d without gap or repeat', async (limit) => {
    await store.apply(numbers(7).map((index) => mint(`m${index}`, 'user:ann', 1)))
    expect(await journalIds(store, 'user:ann', limit)).toEqual(['m6', 'm5', 'm4', 'm3', 'm2', 'm1', 'm0'])
  })

  it('pages on to the older entries while newer ones are added', async () => {
    await store.apply(numbers(6).map((index) => mint(`m${index}`, 'user:ann', 1)))
    const first = await store.journal('user:ann', { limit: 2 })
    await store.apply(numbers(5).map((index) => mint(`later${index}`, 'user:ann', 1)))
    const second = await store.journal('user:ann', { limit: 4, after: first.next! })
    expect(second.items.map((entry) => entry.transfer.id)).toEqual(['m3', 'm2', 'm1', 'm0'])
    expect(second.next).toBeUndefined()
  })
}

import { dayOf, type Transfer, type TransferKind } from '@quarry/domain'
import type { LedgerStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { mint, orderTransfer } from './ledger-store-transfers.ts'
import { numbers, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

const DAY_MS = 86_400_000
const DAY = dayOf(T0)
const always = { from: 0, to: 100_000 }

export function ledgerViewTests(bench: () => StoreBench<LedgerStore>): void {
  let store: LedgerStore
  beforeEach(async () => {
    store = await bench().connect()
  })

  const at = (transfer: Transfer, days: number): Transfer => ({ ...transfer, at: T0 + days * DAY_MS })

  async function idsOf(kind: TransferKind, limit: number): Promise<string[]> {
    const ids: string[] = []
    let after: string | undefined
    for (let pages = 0; pages < 1000; pages++) {
      const page = await store.journal('user:ann', { limit, kind, ...(after !== undefined && { after }) })
      expect(page.items.length).toBeLessThanOrEqual(limit)
      ids.push(...page.items.map(({ transfer }) => transfer.id))
      after = page.next
      if (after === undefined) return ids
    }
    throw new Error('a journal that never ends')
  }

  it.each([1, 2, 50])('pages through the entries of one kind by %d', async (limit) => {
    await store.apply(numbers(6).map((index) => mint(`m${index}`, 'user:ann', 10)))
    await store.apply(numbers(5).map((index) => orderTransfer('escrow', `o${index}`, 0, 3)))
    await store.apply([mint('m6', 'user:ann', 10)])
    expect(await idsOf('mint', limit)).toEqual(['m6', 'm5', 'm4', 'm3', 'm2', 'm1', 'm0'])
    expect(await idsOf('escrow', limit)).toEqual([4, 3, 2, 1, 0].map((index) => `o${index}:escrow`))
    expect(await idsOf('refund', limit)).toEqual([])
  })

  it('tells of each id whether it is taken, refused or unknown', async () => {
    await store.apply([mint('m1', 'user:ann', 10), orderTransfer('escrow', 'o1', 0, 6)])
    await store.apply(numbers(3).map((rep) => orderTransfer(rep === 1 ? 'refund' : 'payment', 'o1', rep, 1)))
    await store.apply([orderTransfer('payment', 'o1', 3, 90)])
    const ids = ['o1:2', 'o1:4', 'o1:3', 'o1:0', 'o2:0', 'o1:1', 'm1', 'o1:escrow', 'o1:0']
    const said = ['taken', 'unknown', 'refused', 'taken', 'unknown', 'taken', 'taken', 'taken', 'taken']
    expect(await store.standings(ids)).toEqual(said)
    expect(await store.standings([])).toEqual([])
  })

  it('sums up by day and kind what came and what went', async () => {
    expect(await store.flows('user:ann', always)).toEqual([])
    await store.apply([
      mint('m1', 'user:ann', 30),
      mint('m2', 'user:ann', 12),
      orderTransfer('escrow', 'o1', 0, 9),
      at(orderTransfer('refund', 'o1', 3, 2), 1),
      at(orderTransfer('payment', 'o1', 4, 2), 40),
    ])
    expect(await sorted('user:ann')).toEqual([
      { day: DAY, kind: 'escrow', inCoins: 0, outCoins: 9 },
      { day: DAY, kind: 'mint', inCoins: 42, outCoins: 0 },
      { day: DAY + 1, kind: 'refund', inCoins: 2, outCoins: 0 },
    ])
    expect(await sorted('user:mia')).toEqual([{ day: DAY + 40, kind: 'payment', inCoins: 2, outCoins: 0 }])
    expect(await store.flows('user:ann', { from: DAY + 1, to: DAY + 1 })).toHaveLength(1)
    expect(await store.flows('user:ann', { from: DAY + 2, to: DAY + 9 })).toEqual([])
  })

  it('counts each transfer once, whatever is repeated or refused, and goes on from where it was', async () => {
    for (const round of numbers(4)) {
      const transfers = [mint(`m${round}`, 'user:ann', 5), orderTransfer('escrow', `big${round}`, 0, 1000)]
      await store.apply(transfers)
      await store.apply(transfers)
      expect(await sorted('user:ann')).toEqual([{ day: DAY, kind: 'mint', inCoins: 5 * (round + 1), outCoins: 0 }])
    }
  })

  it('agrees with the journal when many read and write at once', async () => {
    const clients = await Promise.all(numbers(3).map(() => bench().connect()))
    await Promise.all(
      numbers(60).map(async (index) => {
        const client = clients[index % 3]!
        await client.apply([at(mint(`m${index}`, 'user:ann', index + 1), index % 4)])
        await client.flows('user:ann', always)
      }),
    )
    const flows = await sorted('user:ann')
    expect(flows.map(({ day }) => day)).toEqual([DAY, DAY + 1, DAY + 2, DAY + 3])
    const { postedCoins } = await store.balance('user:ann')
    expect(flows.reduce((sum, { inCoins, outCoins }) => sum + inCoins - outCoins, 0)).toBe(postedCoins)
  })

  async function sorted(account: `user:${string}`) {
    const flows = await store.flows(account, always)
    return flows.toSorted((a, b) => a.day - b.day || (a.kind < b.kind ? -1 : 1))
  }
}

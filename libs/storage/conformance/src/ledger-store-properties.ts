import { sameTransfer, type AccountId, type Transfer, type TransferOutcome } from '@quarry/domain'
import type { LedgerStore } from '@quarry/storage-port'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { coinsOf } from './ledger-store-transfers.ts'
import { T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

const accountNames: readonly AccountId[] = ['user:a', 'user:b', 'escrow:1', 'mint:1']

/** The ledger in a few lines: what was decided for each id, and the balances that follow. */
class LedgerModel {
  readonly decided = new Map<string, { transfer: Transfer; outcome: TransferOutcome }>()
  readonly coins = new Map<AccountId, number>()

  apply(transfer: Transfer): TransferOutcome {
    const known = this.decided.get(transfer.id)
    if (known !== undefined) {
      if (!sameTransfer(known.transfer, transfer)) return { kind: 'mismatch' }
      return known.outcome.kind === 'posted' ? { kind: 'posted', repeated: true } : known.outcome
    }
    const available = this.coins.get(transfer.debit) ?? 0
    const refused = !transfer.debit.startsWith('mint:') && available < transfer.amountCoins
    const outcome: TransferOutcome = refused
      ? { kind: 'insufficient', availableCoins: available }
      : { kind: 'posted', repeated: false }
    this.decided.set(transfer.id, { transfer, outcome })
    if (!refused) {
      this.coins.set(transfer.debit, available - transfer.amountCoins)
      this.coins.set(transfer.credit, (this.coins.get(transfer.credit) ?? 0) + transfer.amountCoins)
    }
    return outcome
  }
}

/** Few ids and few coins, so that repeats, mismatches and refusals are common. */
function transfers(tag: string): fc.Arbitrary<Transfer> {
  return fc
    .record({
      id: fc.integer({ min: 0, max: 12 }).map((id) => `${tag}-${id}`),
      kind: fc.constantFrom<Transfer['kind']>('mint', 'payment'),
      sides: fc.shuffledSubarray([...accountNames], { minLength: 2, maxLength: 2 }),
      amountCoins: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ id, kind, sides, amountCoins }) => {
      const [debit, credit] = sides
      return { id, kind, debit: debit!, credit: credit!, amountCoins, at: T0 }
    })
}

export function ledgerPropertyTests(bench: () => StoreBench<LedgerStore>): void {
  it('decides and counts as the model does, in whatever batches, and every invariant holds', async () => {
    const [writer, reader] = await Promise.all([bench().connect(), bench().connect()])
    const model = new LedgerModel()
    let round = 0
    await fc.assert(
      fc.asyncProperty(
        fc.nat(3).chain((tag) => fc.array(fc.array(transfers(`t${tag}`), { maxLength: 8 }), { maxLength: 6 })),
        async (batches) => {
          // Shrinking and later rounds go on with the same ledger, so ids of this round are made fresh for it.
          round++
          for (const batch of batches) {
            const fresh = batch.map((transfer) => ({ ...transfer, id: `${round >> 1}-${transfer.id}` }))
            expect(await writer.apply(fresh)).toEqual(fresh.map((transfer) => model.apply(transfer)))
          }
          const coins = await Promise.all(accountNames.map((account) => coinsOf(reader, account)))
          expect(coins).toEqual(accountNames.map((account) => model.coins.get(account) ?? 0))
          expect(coins.reduce((sum, each) => sum + each)).toBe(0)
          expect(coins.slice(0, 3).every((each) => each >= 0)).toBe(true)
          expect(await reader.audit(T0)).toEqual([])
        },
      ),
      { numRuns: 40, endOnFailure: true },
    )
    const kinds = new Set([...model.decided.values()].map(({ outcome }) => outcome.kind))
    expect(kinds).toEqual(new Set(['posted', 'insufficient']))
  })
}

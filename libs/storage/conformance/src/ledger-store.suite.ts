import type { LedgerStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe } from 'vitest'
import { ledgerCrashTests } from './ledger-store-crashes.ts'
import { ledgerPropertyTests } from './ledger-store-properties.ts'
import { ledgerRaceTests } from './ledger-store-races.ts'
import { ledgerTransferTests } from './ledger-store-transfers.ts'
import { ledgerViewTests } from './ledger-store-views.ts'
import type { OpenBench, StoreBench, StoreCapabilities } from './store-bench.ts'

/** What every `LedgerStore` promises, checked through several clients of the same data. */
export function ledgerStoreSuite(name: string, open: OpenBench<LedgerStore>, capabilities: StoreCapabilities): void {
  describe(`LedgerStore on ${name}`, () => {
    let bench: StoreBench<LedgerStore>
    beforeEach(async () => {
      bench = await open()
    })
    afterEach(() => bench.close())

    ledgerTransferTests(() => bench)
    ledgerViewTests(() => bench)
    describe('with many clients', () => ledgerRaceTests(() => bench))
    describe('whatever is transferred', () => ledgerPropertyTests(() => bench))
    describe.runIf(capabilities.crashes)('when clients die', () => ledgerCrashTests(() => bench))
  })
}

import type { ResultStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe } from 'vitest'
import { resultCrashTests } from './result-store-crashes.ts'
import { inboxTests } from './result-store-inbox.ts'
import { pruneTests } from './result-store-prune.ts'
import { runTests } from './result-store-runs.ts'
import { walkTests } from './result-store-walk.ts'
import type { OpenBench, StoreBench, StoreCapabilities } from './store-bench.ts'

/** What every `ResultStore` promises, checked through several clients of the same data. */
export function resultStoreSuite(name: string, open: OpenBench<ResultStore>, capabilities: StoreCapabilities): void {
  describe(`ResultStore on ${name}`, () => {
    let bench: StoreBench<ResultStore>
    beforeEach(async () => {
      bench = await open()
    })
    afterEach(() => bench.close())

    describe('runs and bodies', () => runTests(() => bench))
    describe('inbox', () => inboxTests(() => bench))
    describe('a walk through all runs', () => walkTests(() => bench))
    describe('retention', () => pruneTests(() => bench))
    describe.runIf(capabilities.crashes)('when clients die', () => resultCrashTests(() => bench))
  })
}

import { describe } from 'vitest'
import { benchOf, type ResultBusCapabilities, type ResultBusHarness } from './result-bus-bench.ts'
import { batchCases } from './result-bus-batches.cases.ts'
import { failureCases } from './result-bus-failures.cases.ts'
import { publishCases } from './result-bus-publish.cases.ts'
import { TEST_TIMEOUT_MS } from './waiting.ts'

/**
 * What every `ResultBus` must do; `open` gives an empty bus for each test. Duplicates are allowed everywhere, so the
 * tests ask which messages came, not how often, unless nothing went wrong.
 */
export function resultBusSuite(
  name: string,
  open: () => Promise<ResultBusHarness>,
  capabilities: ResultBusCapabilities,
): void {
  const openBench = () => benchOf(open, capabilities)
  describe(`ResultBus: ${name}`, { timeout: TEST_TIMEOUT_MS }, () => {
    describe('publishing', () => publishCases(openBench, capabilities))
    describe('batches', () => batchCases(openBench))
    describe('failures', () => failureCases(openBench, capabilities))
  })
}

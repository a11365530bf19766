import { describe } from 'vitest'
import { benchOf, type JobQueueCapabilities, type JobQueueHarness } from './job-queue-bench.ts'
import { deadCases } from './job-queue-dead.cases.ts'
import { hostCases } from './job-queue-hosts.cases.ts'
import { intakeCases } from './job-queue-intake.cases.ts'
import { leaseCases } from './job-queue-leases.cases.ts'
import { TEST_TIMEOUT_MS, tickOf } from './waiting.ts'

/**
 * What every `JobQueue` must do; `open` gives an empty queue for each test. No test asserts that something is done
 * quickly, and what must not happen early is read from the queue's own clock: a lease ends `leaseMs` after its claim.
 */
export function jobQueueSuite(
  name: string,
  open: () => Promise<JobQueueHarness>,
  capabilities: JobQueueCapabilities,
): void {
  const openBench = () => benchOf(open, tickOf(capabilities.time))
  describe(`JobQueue: ${name}`, { timeout: TEST_TIMEOUT_MS }, () => {
    describe('intake', () => intakeCases(openBench))
    describe('leases', () => leaseCases(openBench))
    describe('hosts', () => hostCases(openBench))
    describe('the dead', () => deadCases(openBench))
  })
}

import type { Instant } from '@quarry/domain'
import type { ClaimRequest, JobQueue, Lease } from '@quarry/messaging-port'
import { describe, onTestFinished } from 'vitest'
import type { PassingTime, TimeKind } from './waiting.ts'
import { deadCases } from './job-queue-dead.cases.ts'
import { hostCases } from './job-queue-hosts.cases.ts'
import { intakeCases } from './job-queue-intake.cases.ts'
import { leaseCases } from './job-queue-leases.cases.ts'
import { eventually, LONG_MS, TEST_TIMEOUT_MS, tickOf } from './waiting.ts'

/** One queue, empty at first, reached by any number of mining-servers and schedulers. */
export interface JobQueueHarness extends PassingTime {
  /** An independent client, as another process would have. */
  connect(): Promise<JobQueue>
  /** The queue's own clock. */
  now(): Promise<Instant>
  /** Makes the queue lose all it holds, as a restart without its log would; the clients stay usable. */
  loseMemory(): Promise<void>
  close(): Promise<void>
}

export interface JobQueueCapabilities {
  readonly time: TimeKind
}

/** What a test needs: three clients of one queue, and short words for what tests do all the time. */
export interface JobQueueBench {
  readonly harness: JobQueueHarness
  readonly queue: JobQueue
  readonly clients: readonly JobQueue[]
  readonly now: Instant
  /** The unit of short times. */
  readonly tickMs: number
  request(more?: Partial<ClaimRequest>): ClaimRequest
  /** Claims again and again until `count` leases have been given. */
  claimAll(count: number, more?: Partial<ClaimRequest>): Promise<Lease[]>
  /** Reaps again and again until `count` dead jobs have been given. */
  reapAll(count: number, more?: Partial<ClaimRequest>): Promise<Lease[]>
}

export type OpenBench = () => Promise<JobQueueBench>

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

/** When the queue gave the lease, on its own clock. */
export function claimedAt(lease: Lease, leaseMs = LONG_MS): Instant {
  return lease.expiresAt - leaseMs
}

async function benchOf(open: () => Promise<JobQueueHarness>, tickMs: number): Promise<JobQueueBench> {
  const harness = await open()
  onTestFinished(() => harness.close())
  const clients = [await harness.connect(), await harness.connect(), await harness.connect()]
  const queue = clients[0] as JobQueue
  const request = (more: Partial<ClaimRequest> = {}) => ({ server: 'server-1', max: 1, leaseMs: LONG_MS, ...more })
  const gather = async (what: string, count: number, take: () => Promise<readonly Lease[]>) => {
    const leases: Lease[] = []
    return eventually(harness, { what: `${count} ${what}`, stepMs: tickMs / 5 }, async () => {
      leases.push(...(await take()))
      return leases.length >= count ? leases : undefined
    })
  }
  return {
    harness,
    clients,
    queue,
    now: await harness.now(),
    tickMs,
    request,
    claimAll: (count, more) => gather('leases', count, async () => (await queue.claim(request(more))).leases),
    reapAll: (count, more) => gather('dead jobs', count, () => queue.reap(request(more))),
  }
}

import type { Instant } from '@quarry/domain'
import type { ClaimRequest, JobQueue, Lease } from '@quarry/messaging-port'
import { onTestFinished } from 'vitest'
import type { PassingTime, TimeKind } from './waiting.ts'
import { eventually, LONG_MS } from './waiting.ts'

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

/** When the queue gave the lease, on its own clock. */
export function claimedAt(lease: Lease, leaseMs = LONG_MS): Instant {
  return lease.expiresAt - leaseMs
}

/** Opens a queue with its clients; the test closes them when it ends. */
export async function benchOf(open: () => Promise<JobQueueHarness>, tickMs: number): Promise<JobQueueBench> {
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

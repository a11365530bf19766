import type { Assignment, ResultMessage, Submission } from '@quarry/contracts'
import type { Job } from '@quarry/domain'
import { MemoryJobQueue, MemoryLiveEvents, MemoryResultBus } from '@quarry/messaging-memory'
import { FakeClock } from '@quarry/testkit'
import { createHash } from 'node:crypto'
import { AcceptSubmissions, type IncomingSubmission } from '../src/application/accept-submissions.ts'
import { DispatchJobs } from '../src/application/dispatch-jobs.ts'
import { HeldLeases } from '../src/application/held-leases.ts'
import type { MinerSession } from '../src/application/miner-session.ts'
import { ReapJobs } from '../src/application/reap-jobs.ts'
import { ServeMiners } from '../src/application/serve-miners.ts'
import { VerifyBodies } from '../src/application/verify-bodies.ts'

export const LEASE_MS = 40_000
export const OVERDUE_MS = 2_000

/** The mining-server without its sockets, on a fake clock, with the real queue and bus. */
export class MiningStage {
  readonly clock = new FakeClock()
  readonly queue = new MemoryJobQueue(this.clock)
  readonly bus = new MemoryResultBus(this.clock)
  readonly held = new HeldLeases()
  readonly live = new MemoryLiveEvents()
  readonly errors: unknown[] = []
  readonly dispatch = new DispatchJobs(
    {
      queue: this.queue,
      clock: this.clock,
      held: this.held,
      live: this.live,
      onError: (error) => this.errors.push(error),
    },
    { server: 's', leaseMs: LEASE_MS, overdueMs: OVERDUE_MS, maxBodyBytes: 1_000_000 },
  )
  readonly serve = new ServeMiners(this, { overdueMs: OVERDUE_MS })
  readonly accept = new AcceptSubmissions(
    { ...this.#parts(), verify: new VerifyBodies(1_000_000), onError: (error) => this.errors.push(error) },
    { leaseMs: LEASE_MS },
  )
  readonly reap = new ReapJobs(this, { server: 's', leaseMs: LEASE_MS })
  /** What the consumer of results was given; while `broken`, it stores nothing. */
  readonly stored: ResultMessage[] = []
  broken = false
  readonly #waiting: (() => void)[] = []
  #paused = false

  async open(): Promise<this> {
    this.queue.onClaimable(() => this.dispatch.wake())
    await this.bus.results.consume({ maxMessages: 100, maxWaitMs: 0, maxBatches: 16 }, async (batch) => {
      if (this.#paused) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      if (this.broken) throw new Error('no space left on device')
      this.stored.push(...batch)
    })
    return this
  }

  #parts() {
    return { queue: this.queue, bus: this.bus, clock: this.clock, held: this.held }
  }

  /** Results are taken and not confirmed until `resumeStoring`. */
  pauseStoring(): void {
    this.#paused = true
  }

  async resumeStoring(): Promise<void> {
    this.#paused = false
    for (const go of this.#waiting.splice(0)) go()
    await this.settle()
  }

  async enqueue(...jobs: Job[]): Promise<void> {
    await this.queue.enqueue(jobs)
    await this.settle()
  }

  settle(): Promise<void> {
    return this.clock.advance(0)
  }

  /** A round of what the gateway does every second. */
  async round(ms = 1000): Promise<void> {
    await this.clock.advance(ms)
    await this.accept.keepJudged()
    await this.serve.endOverdue()
    await this.reap.run()
    await this.settle()
  }
}

export interface TestMiner extends MinerSession {
  readonly got: Assignment[]
  ended: boolean
}

export function aMiner(fields: Partial<TestMiner> = {}): TestMiner {
  const got = fields.got ?? []
  const miner: TestMiner = {
    userId: 'miner',
    deviceId: 'device',
    capacity: 1,
    outstanding: 0,
    judging: 0,
    connected: true,
    pages: 0,
    coins: 0,
    ended: false,
    assign: (assignments) => void got.push(...assignments),
    end: () => void (miner.ended = true),
    ...fields,
    got,
  }
  return miner
}

type PageChanges = Partial<Extract<Submission['outcome'], { kind: 'page' }>>

/** The page that an honest miner hands in. */
export function aPage({ jobId, token }: Assignment, text = 'page', changes: PageChanges = {}): IncomingSubmission {
  const body = Buffer.from(text)
  const submission: Submission = {
    jobId,
    token,
    chunked: false,
    host: { extraRequests: 0 },
    outcome: {
      kind: 'page',
      status: 200,
      finalUrl: 'https://example.org/',
      redirects: [],
      headers: [],
      timings: { firstByteMs: 1, totalMs: 2 },
      content: {
        sha256: createHash('sha256').update(body).digest('hex'),
        sizeBytes: body.byteLength,
        encoding: 'identity',
        storedBytes: body.byteLength,
      },
      ...changes,
    },
  }
  return { token, submission, body }
}

type FailureChanges = Partial<Extract<Submission['outcome'], { kind: 'failure' }>>

export function aFailure({ jobId, token }: Assignment, changes: FailureChanges = {}): IncomingSubmission {
  const outcome = {
    kind: 'failure',
    reason: 'server_error',
    fault: 'target',
    detail: 'The site answered 500.',
    ...changes,
  } as const
  return { token, submission: { jobId, token, chunked: false, host: { extraRequests: 0 }, outcome }, body: undefined }
}

import { CodedError, MAX_BODY_BYTES, type TestFetchView } from '@quarry/contracts'
import {
  failureRules,
  TEST_FETCH_KEPT_MS,
  TEST_FETCH_LOST_MS,
  TEST_FETCH_PATIENCE_MS,
  type Clock,
  type FailureOutcome,
  type OrderId,
  type UserId,
} from '@quarry/domain'
import { decodeBody } from '@quarry/scrape'
import type { StoredTestFetch, TestFetchStore } from '@quarry/storage-port'
import type { CountMiners } from './count-miners.ts'
import type { StoredPage } from './read-body.ts'

const lost: FailureOutcome = {
  kind: 'failure',
  reason: 'patience_over',
  fault: failureRules.patience_over.fault,
  detail: 'No miner brought a result in time.',
}

/** Test fetches as their customer sees them, for an hour. */
export class ShowTestFetch {
  readonly #tests: TestFetchStore
  readonly #miners: CountMiners
  readonly #clock: Clock

  constructor(deps: { tests: TestFetchStore; miners: CountMiners; clock: Clock }) {
    this.#tests = deps.tests
    this.#miners = deps.miners
    this.#clock = deps.clock
  }

  /** Throws `test_fetch_not_found`, also for somebody else's and for one that is over an hour old. */
  async one(id: OrderId, customerId: UserId): Promise<TestFetchView> {
    const { test, run } = await this.#owned(id, customerId)
    const isLost = this.#clock.now() > test.createdAt + TEST_FETCH_LOST_MS
    const outcome = run?.outcome ?? (isLost ? lost : undefined)
    return {
      id,
      url: test.url,
      createdAt: test.createdAt,
      expiresAt: test.createdAt + TEST_FETCH_PATIENCE_MS,
      state: outcome === undefined ? 'waiting' : outcome.kind === 'page' ? 'done' : 'failed',
      connectedMiners: this.#miners.count,
      ...(outcome && { outcome }),
      ...(run && { attempt: run.attempt, startedAt: run.startedAt, finishedAt: run.finishedAt }),
    }
  }

  /** The page as the site sent it; `test_fetch_not_found` when there is none. */
  async page(id: OrderId, customerId: UserId): Promise<StoredPage> {
    const { run } = await this.#owned(id, customerId)
    const stored = await this.#tests.body(id)
    if (run?.outcome.kind !== 'page' || stored === undefined) throw notFound(id)
    const { content, headers } = run.outcome
    const stated = { ...content, encoding: stored.encoding, storedBytes: stored.bytes.byteLength }
    const body = await decodeBody(stored.bytes, stated, MAX_BODY_BYTES)
    if (!body.ok) throw new Error(`page of the test fetch ${id}: ${body.error}`)
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
    return { content, contentType: type ?? 'application/octet-stream', bytes: body.value }
  }

  async #owned(id: OrderId, customerId: UserId): Promise<StoredTestFetch> {
    const stored = await this.#tests.find(id)
    const tooOld = stored !== undefined && stored.test.createdAt <= this.#clock.now() - TEST_FETCH_KEPT_MS
    if (stored?.test.customerId !== customerId || tooOld) throw notFound(id)
    return stored
  }
}

function notFound(id: OrderId): CodedError {
  const fields = [{ field: 'testId', problem: `is ${id}`, allowed: 'the id of one of your tests of the last hour' }]
  return new CodedError('test_fetch_not_found', `You have no test fetch ${id}.`, { fields })
}

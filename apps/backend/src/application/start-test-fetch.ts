import { CodedError } from '@quarry/contracts'
import {
  err,
  newTraceparent,
  ok,
  TEST_FETCH_KEPT_MS,
  testJobOf,
  type Clock,
  type OrderId,
  type Random,
  type Result,
  type TestFetch,
  type TestFetchLimits,
  type TooManyTestFetches,
  type UserId,
} from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import type { TestFetchStore } from '@quarry/storage-port'
import { checkedTarget, type TargetRules } from './checked-target.ts'

/** Makes ids of test fetches: a fresh one, or always the same for a customer's idempotency key. */
export interface TestFetchIds {
  fresh(): OrderId
  keyed(customerId: UserId, key: string): OrderId
}

const FORGET_BATCH = 100

export interface StartTestFetchDeps {
  readonly tests: TestFetchStore
  readonly queue: JobQueue
  readonly ids: TestFetchIds
  readonly clock: Clock
  readonly random: Random
  readonly gaps: { gapMs(host: string): number }
}

/**
 * Fetches a page once for a customer who wants to see it before ordering: row, then job. Both are repeatable under the
 * test's id; dying in between leaves a test that waits in vain until it counts as lost, or until the request comes again.
 */
export class StartTestFetch {
  readonly #deps: StartTestFetchDeps
  readonly #rules: TargetRules & { readonly limits: TestFetchLimits }

  constructor(deps: StartTestFetchDeps, rules: TargetRules & { limits: TestFetchLimits }) {
    this.#deps = deps
    this.#rules = rules
  }

  /** With a key, a repeated request gets the first one's test, and another URL `idempotency_mismatch`. */
  async run(url: string, customerId: UserId, key?: string): Promise<Result<TestFetch, CodedError>> {
    const { tests, queue, ids, clock, random, gaps } = this.#deps
    const target = checkedTarget(url, this.#rules)
    if (!target.ok) return target
    const now = clock.now()
    await tests.forget(now - TEST_FETCH_KEPT_MS, FORGET_BATCH)
    const id = key === undefined ? ids.fresh() : ids.keyed(customerId, key)
    const admitted = await tests.admit({ id, customerId, ...target.value, createdAt: now }, this.#rules.limits)
    if (!admitted.ok) return err(tooMany(admitted.error, this.#rules.limits))
    const test = admitted.value
    if (test.url !== target.value.url) {
      return err(
        new CodedError('idempotency_mismatch', 'This Idempotency-Key was used for another page; take a new one.'),
      )
    }
    const traceparent = newTraceparent(random)
    if ((await tests.find(id))?.run === undefined)
      await queue.enqueue([testJobOf(test, { hostGapMs: gaps.gapMs(test.host), traceparent })])
    return ok(test)
  }
}

function tooMany({ limit, retryAfterMs }: TooManyTestFetches, limits: TestFetchLimits): CodedError {
  const words =
    limit === 'at-once'
      ? `${limits.mostAtOnce} test fetches run already; wait for one of them.`
      : `${limits.mostAnHour} test fetches an hour are free; come back a little later.`
  return new CodedError('test_fetch_limit', words, { retryAfterMs })
}

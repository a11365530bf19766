import { describe, expect, it } from 'vitest'
import type { RunResult } from '../results/outcome.ts'
import { judgeDelivery, WEBHOOK_PATIENCE_MS, webhookRetryDelaysMs } from './retries.ts'
import { eventsOfRun } from './run-events.ts'

const page = (sha256: string) => ({ outcome: { kind: 'page', content: { sha256 } } }) as unknown as RunResult
const miss = { outcome: { kind: 'failure', reason: 'timed_out' } } as unknown as RunResult

describe('news of a run', () => {
  it.each([
    ['the first page', page('a'), [], ['run.delivered']],
    ['the same page again', page('a'), [page('a')], ['run.delivered']],
    ['another page', page('b'), [page('a')], ['run.delivered', 'run.changed']],
    ['another page after misses', page('b'), [miss, miss, page('a'), page('b')], ['run.delivered', 'run.changed']],
    ['the same page after misses', page('a'), [miss, page('a')], ['run.delivered']],
    ['the second miss of three', miss, [miss, page('a')], []],
    ['the third miss of three', miss, [miss, miss, page('a')], ['run.failed']],
    ['the third miss, all there ever was', miss, [miss, miss], ['run.failed']],
    ['the fourth miss: told already', miss, [miss, miss, miss], []],
    ['a new series', miss, [miss, miss, page('a'), miss, miss], ['run.failed']],
  ])('%s', (_, run, earlier, events) => {
    expect(eventsOfRun(run, earlier, 3)).toEqual(events)
  })
})

describe('a delivery', () => {
  const judge = (status: number | undefined, attempts: number, more: { chance?: number; retryAfterMs?: number } = {}) =>
    judgeDelivery(
      {
        answer: {
          ...(status !== undefined && { status }),
          ...(more.retryAfterMs !== undefined && { retryAfterMs: more.retryAfterMs }),
        },
        attempts,
        firstTriedAt: 0,
        now: 1000,
      },
      { next: () => more.chance ?? 0 },
    )

  it('is through with any 2xx, and ends with 410', () => {
    expect(judge(200, 1)).toEqual({ kind: 'delivered' })
    expect(judge(204, 9)).toEqual({ kind: 'delivered' })
    expect(judge(410, 1)).toEqual({ kind: 'gone' })
  })

  it.each([301, 400, 404, 429, 500, undefined])('is tried again after %s', (status) => {
    expect(judge(status, 1)).toEqual({ kind: 'retry', nextAt: 1000 + 4000 })
    expect(judge(status, 1, { chance: 1 })).toEqual({ kind: 'retry', nextAt: 1000 + 5000 })
  })

  it('waits as long as Retry-After says, not beyond a day', () => {
    expect(judge(429, 1, { retryAfterMs: 90_000 })).toEqual({ kind: 'retry', nextAt: 91_000 })
    expect(judge(503, 1, { retryAfterMs: 1 })).toEqual({ kind: 'retry', nextAt: 5000 })
    expect(judge(503, 1, { retryAfterMs: WEBHOOK_PATIENCE_MS })).toEqual({ kind: 'given-up' })
  })

  it('is given up after the last entry, within a day of the first attempt', () => {
    expect(webhookRetryDelaysMs.reduce((sum, delay) => sum + delay, 0)).toBeLessThan(WEBHOOK_PATIENCE_MS)
    expect(judge(500, webhookRetryDelaysMs.length).kind).toBe('retry')
    expect(judge(500, webhookRetryDelaysMs.length + 1)).toEqual({ kind: 'given-up' })
  })
})

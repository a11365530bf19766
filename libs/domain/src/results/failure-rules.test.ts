import { describe, expect, it } from 'vitest'
import { failureRules, judgeAttempt, MAX_ATTEMPTS, retryDelayMs } from './failure-rules.ts'
import type { FailureReason, Outcome, PageOutcome } from './outcome.ts'

const page: PageOutcome = {
  kind: 'page',
  status: 200,
  finalUrl: 'https://example.org/',
  redirects: [],
  headers: [],
  timings: { firstByteMs: 1, totalMs: 2 },
  content: { sha256: 'a'.repeat(64), sizeBytes: 0, encoding: 'identity', storedBytes: 0 },
}

function failureOf(reason: FailureReason, retryAfterMs?: number): Outcome {
  const { fault } = failureRules[reason]
  return { kind: 'failure', reason, fault, detail: '', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

const reasons = Object.keys(failureRules) as FailureReason[]
const now = 1_000_000
const patienceUntil = now + 60_000

describe('judgeAttempt', () => {
  it('delivers a page at once', () => {
    expect(judgeAttempt({ outcome: page, attempt: 1, now, patienceUntil })).toEqual({ kind: 'deliver' })
  })

  it.each(reasons)('judges a first attempt that failed as %s by its rule', (reason) => {
    const verdict = judgeAttempt({ outcome: failureOf(reason), attempt: 1, now, patienceUntil })
    expect(verdict.kind).toBe(failureRules[reason].retried ? 'retry' : 'deliver')
  })

  it.each(reasons)('gives up on %s after the last attempt', (reason) => {
    const outcome = failureOf(reason)
    expect(judgeAttempt({ outcome, attempt: MAX_ATTEMPTS, now, patienceUntil })).toEqual({ kind: 'deliver' })
    expect(judgeAttempt({ outcome, attempt: MAX_ATTEMPTS + 1, now, patienceUntil })).toEqual({ kind: 'deliver' })
  })

  it('waits 1 s, then 4 s', () => {
    const outcome = failureOf('server_error')
    expect(judgeAttempt({ outcome, attempt: 1, now, patienceUntil })).toEqual({ kind: 'retry', notBefore: now + 1000 })
    expect(judgeAttempt({ outcome, attempt: 2, now, patienceUntil })).toEqual({ kind: 'retry', notBefore: now + 4000 })
  })

  it('waits as long as the site says, but no less than its own delay', () => {
    expect(retryDelayMs(1, 30_000)).toBe(30_000)
    expect(retryDelayMs(2, 100)).toBe(4000)
  })

  it('retries up to the last moment of the patience and not beyond', () => {
    const outcome = failureOf('rate_limited', 60_000)
    expect(judgeAttempt({ outcome, attempt: 1, now, patienceUntil }).kind).toBe('retry')
    expect(judgeAttempt({ outcome, attempt: 1, now: now + 1, patienceUntil }).kind).toBe('deliver')
  })
})

describe('failureRules', () => {
  it('blames miners for a bad result and a lost lease only', () => {
    expect(reasons.filter((reason) => failureRules[reason].fault === 'miner')).toEqual(['bad_result', 'lease_expired'])
  })

  it('does not ask another miner what none could answer differently', () => {
    expect(reasons.filter((reason) => !failureRules[reason].retried)).toEqual([
      'too_large',
      'too_many_redirects',
      'bad_redirect',
      'bad_encoding',
      'robots_forbidden',
      'address_forbidden',
      'host_denied',
      'patience_over',
      'missed',
    ])
  })
})

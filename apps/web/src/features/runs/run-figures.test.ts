import type { RunResult } from '@quarry/domain'
import { expect, it } from 'vitest'
import { faultOf, latencyMs, latenessMs, statusOf } from './run-figures.ts'

const failed: RunResult = {
  jobId: 'o:0',
  orderId: 'o',
  rep: 0,
  customerId: 'u',
  url: 'https://example.com/',
  priceCoins: 1,
  dueAt: 1000,
  attempt: 2,
  startedAt: 1250,
  finishedAt: 1900,
  outcome: { kind: 'failure', reason: 'server_error', fault: 'target', detail: '', status: 502 },
  traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
}

it('counts lateness from due to start, and a failure’s time on the server’s clock', () => {
  expect(latenessMs(failed)).toBe(250)
  expect(latenessMs({ ...failed, startedAt: 900 })).toBe(0)
  expect(latencyMs(failed)).toBe(650)
  expect(statusOf(failed)).toBe(502)
  expect(faultOf(failed)).toBe('target')
})

it('has no latency for what was never tried', () => {
  expect(latencyMs({ ...failed, attempt: 0 })).toBeUndefined()
})

import type { Job, Order, RunResult } from '@quarry/domain'
import { jobIdOf } from '@quarry/domain'
import { createHash } from 'node:crypto'

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

/** An order as placed; override what the test is about. */
export function anOrder(fields: Partial<Order> = {}): Order {
  return {
    id: 'o1',
    customerId: 'customer',
    name: '',
    url: 'https://example.org/',
    host: 'example.org',
    schedule: { kind: 'interval', startAt: 1_000_000, intervalMs: 10_000 },
    repetitions: 3,
    priceCoins: 1,
    patienceMs: 600_000,
    catchUp: 'latest',
    createdAt: 1_000_000,
    ...fields,
  }
}

/** A job of an order's repetition. */
export function aJob(fields: Partial<Job> = {}): Job {
  const orderId = fields.orderId ?? 'o1'
  const rep = fields.rep ?? 0
  return {
    jobId: jobIdOf(orderId, rep),
    orderId,
    rep,
    customerId: 'customer',
    url: 'https://example.org/',
    host: 'example.org',
    priceCoins: 1,
    dueAt: 1_000_000,
    patienceUntil: 100_000_000_000_000,
    hostGapMs: 0,
    traceparent: TRACEPARENT,
    ...fields,
  }
}

/** A delivered page of one job; its body is `body`, not compressed. */
export function aRun(fields: Partial<RunResult> & { body?: string } = {}): RunResult {
  const { body = 'page', ...run } = fields
  const orderId = run.orderId ?? 'o1'
  const rep = run.rep ?? 0
  return {
    jobId: jobIdOf(orderId, rep),
    orderId,
    rep,
    customerId: 'customer',
    url: 'https://example.org/',
    priceCoins: 1,
    dueAt: 1_000_000,
    attempt: 1,
    miner: { userId: 'miner', deviceId: 'device' },
    startedAt: 1_000_010,
    finishedAt: 1_000_050,
    outcome: {
      kind: 'page',
      status: 200,
      finalUrl: 'https://example.org/',
      redirects: [],
      headers: [['content-type', 'text/html']],
      timings: { firstByteMs: 5, totalMs: 10 },
      content: {
        sha256: createHash('sha256').update(body).digest('hex'),
        sizeBytes: Buffer.byteLength(body),
        encoding: 'identity',
        storedBytes: Buffer.byteLength(body),
      },
    },
    traceparent: TRACEPARENT,
    ...run,
  }
}

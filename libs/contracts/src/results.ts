import type { FailureReason, Fault, RunResult } from '@quarry/domain'
import { z } from 'zod'
import {
  deviceIdSchema,
  instantSchema,
  jobIdSchema,
  orderIdSchema,
  sha256Schema,
  traceparentSchema,
  userIdSchema,
} from './primitives.ts'

const failureReasons = [
  'rate_limited',
  'server_error',
  'dns_failed',
  'connection_failed',
  'tls_failed',
  'timed_out',
  'cut_off',
  'too_large',
  'too_many_redirects',
  'bad_redirect',
  'bad_encoding',
  'robots_forbidden',
  'address_forbidden',
  'host_excluded',
  'host_denied',
  'bad_result',
  'lease_expired',
  'patience_over',
  'missed',
] as const satisfies readonly FailureReason[]
const faults = ['target', 'miner', 'platform'] as const satisfies readonly Fault[]

/** Bytes of a page after transfer decoding; an operator may set less. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024

export const contentSchema = z.object({
  sha256: sha256Schema,
  sizeBytes: z.int().min(0).max(MAX_BODY_BYTES),
  encoding: z.enum(['zstd', 'identity']),
  storedBytes: z
    .int()
    .min(0)
    .max(MAX_BODY_BYTES + 1024),
})

export const pageOutcomeSchema = z.object({
  kind: z.literal('page'),
  status: z.int().min(200).max(499),
  finalUrl: z.string().max(8192),
  redirects: z.array(z.object({ status: z.int(), url: z.string().max(8192) })).max(20),
  headers: z.array(z.tuple([z.string().max(256), z.string().max(16_384)])).max(200),
  timings: z.object({ firstByteMs: z.number().min(0), totalMs: z.number().min(0) }),
  content: contentSchema,
})

export const failureOutcomeSchema = z.object({
  kind: z.literal('failure'),
  reason: z.enum(failureReasons),
  fault: z.enum(faults),
  detail: z.string().max(500),
  status: z.int().optional(),
  retryAfterMs: z.int().min(0).optional(),
})

export const outcomeSchema = z.discriminatedUnion('kind', [pageOutcomeSchema, failureOutcomeSchema])

/** What came of a job; the same shape in the queue, in the API and in a result-client's metadata file. */
export const runResultSchema = z.object({
  jobId: jobIdSchema,
  orderId: orderIdSchema,
  rep: z.int().min(0),
  customerId: userIdSchema,
  url: z.string().max(8192),
  /** 0: a test fetch. */
  priceCoins: z.int().min(0),
  dueAt: instantSchema,
  attempt: z.int().min(0),
  miner: z.object({ userId: userIdSchema, deviceId: deviceIdSchema }).optional(),
  startedAt: instantSchema,
  finishedAt: instantSchema,
  outcome: outcomeSchema,
  traceparent: traceparentSchema,
})

/** Parses a run that came from outside this process; throws `ZodError`. */
export function parseRunResult(input: unknown): RunResult {
  return runResultSchema.parse(input) as RunResult
}

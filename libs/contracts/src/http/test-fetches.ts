import type { Outcome } from '@quarry/domain'
import { z } from 'zod'

/** `POST /api/v1/test-fetches`. The header `Idempotency-Key` makes a repeated request return the first one's. */
export const startTestFetchSchema = z.strictObject({
  url: z.string().min(1).max(2048).describe('http or https'),
})
export type StartTestFetch = z.infer<typeof startTestFetchSchema>

/** The id in a path. */
export const testFetchIdSchema = z.string().regex(/^test-[0-9a-f]{32}$/, 'must be the id of a test fetch')

/** A test fetch as the API shows it, for an hour. */
export interface TestFetchView {
  readonly id: string
  readonly url: string
  readonly createdAt: number
  /** When it fails if no miner has brought anything. */
  readonly expiresAt: number
  readonly state: 'waiting' | 'done' | 'failed'
  /** Miners connected at present, of whom one will fetch it. */
  readonly connectedMiners: number
  /** Once it is over. */
  readonly outcome?: Outcome
  readonly attempt?: number
  readonly startedAt?: number
  readonly finishedAt?: number
}

import type { FailureReason, Fault } from '@quarry/domain'
import { z } from 'zod'
import { cursorSchema } from '../primitives.ts'

/** A run in short, for lists and charts: all that is not the page itself, its headers and its hops. Times are instants. */
export interface RunSummary {
  readonly rep: number
  readonly dueAt: number
  readonly startedAt: number
  readonly finishedAt: number
  /** 0: never tried. */
  readonly attempt: number
  readonly outcome:
    | {
        readonly kind: 'page'
        readonly status: number
        readonly firstByteMs: number
        readonly totalMs: number
        readonly sizeBytes: number
        readonly sha256: string
      }
    | { readonly kind: 'failure'; readonly reason: FailureReason; readonly fault: Fault; readonly status?: number }
}

/** What of an order's runs a list shows: pages, failures, or failures of which somebody was at fault. */
export const runFilterSchema = z.enum(['page', 'failure', 'target', 'miner', 'platform'])
export type RunFilter = z.infer<typeof runFilterSchema>

/**
 * `GET /api/v1/orders/:id/timeline`: runs in short, newest repetition first. `after` is the repetition below which the
 * page begins, so that a list may begin anywhere. With a filter, a page may be short, or empty, and yet have a `next`.
 */
export const timelineQuerySchema = z.object({
  after: z.coerce.number().int().min(0).max(999_999_999).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  only: runFilterSchema.optional(),
})
export type TimelineQuery = z.infer<typeof timelineQuerySchema>

/** One content of an order's pages, by its hash, with the repetitions that brought it first and last, as far as looked. */
export interface VersionView {
  readonly sha256: string
  readonly sizeBytes: number
  readonly contentType: string
  readonly runs: number
  readonly firstRep: number
  readonly firstAt: number
  readonly lastRep: number
  readonly lastAt: number
}

/** `GET /api/v1/orders/:id/versions`: the distinct contents among the runs below `after`; `next` looks further back. */
export const versionsQuerySchema = z.object({ after: cursorSchema.optional() })

/** The ways to take an order's runs away, as `GET /api/v1/orders/:id/export/:format`. */
export const exportFormatSchema = z.enum(['zip', 'jsonl', 'csv'])
export type ExportFormat = z.infer<typeof exportFormatSchema>

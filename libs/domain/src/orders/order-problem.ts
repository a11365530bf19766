import type { TargetProblemCode } from './target.ts'

/** Stable codes, for a site that speaks more than English. */
export type OrderProblemCode =
  | TargetProblemCode
  | 'start_invalid'
  | 'start_in_past'
  | 'start_too_far'
  | 'interval_out_of_range'
  | 'windows_invalid'
  | 'jitter_out_of_range'
  | 'until_too_early'
  | 'until_too_late'
  | 'cron_invalid'
  | 'zone_unknown'
  | 'cron_never_fires'
  | 'cron_too_often'
  | 'repetitions_out_of_range'
  | 'once_repeats'
  | 'ends_too_late'
  | 'price_out_of_range'
  | 'patience_out_of_range'

/** One thing wrong with an order: the field's path in the input, what is wrong in words, and what is allowed instead. */
export interface OrderProblem {
  readonly field: string
  readonly code: OrderProblemCode
  readonly problem: string
  readonly allowed: string
}

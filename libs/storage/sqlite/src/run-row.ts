import { jobIdOf, type RunResult } from '@quarry/domain'

/** A run as selected by `RUN_COLUMNS`: `r` is the run, `o` its order, `c` its customer. */
export interface RunRow {
  readonly seq: number
  readonly stored_at: number
  readonly rep: number
  readonly order_id: string
  readonly customer_id: string
  readonly json: string
}

export const RUN_COLUMNS = 'r.seq, r.stored_at, r.rep, o.id AS order_id, c.id AS customer_id, r.json'
/** Joins the customer to `r`. */
export const RUN_NAMES = 'JOIN customer c ON c.no = r.customer'

/** What of a run is in no column of its own. */
export function encodeRun(run: RunResult): string {
  const { jobId: _, orderId: __, rep: ___, customerId: ____, ...rest } = run
  return JSON.stringify(rest)
}

export function runOf(row: RunRow): RunResult {
  const rest = JSON.parse(row.json) as Omit<RunResult, 'jobId' | 'orderId' | 'rep' | 'customerId'>
  return {
    jobId: jobIdOf(row.order_id, row.rep),
    orderId: row.order_id,
    rep: row.rep,
    customerId: row.customer_id,
    ...rest,
  }
}

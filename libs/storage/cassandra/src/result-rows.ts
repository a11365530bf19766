import { jobIdOf, type Instant, type OrderId, type RunResult, type UserId } from '@quarry/domain'

/** Repetitions whose runs share a partition: some 500 KB. */
export const CHUNK_REPS = 512
const DAY_MS = 86_400_000

/** Whose run it is; the rest is in `json`. */
export interface RunPlace {
  readonly orderId: OrderId
  readonly rep: number
  readonly customerId: UserId
}

export function chunkOf(rep: number): number {
  return Math.floor(rep / CHUNK_REPS)
}

/** Days since 1970 in UTC. */
export function dayOf(at: Instant): number {
  return Math.floor(at / DAY_MS)
}

/** What of a run is in no column of its own. */
export function encodeRun(run: RunResult): string {
  const { jobId: _, orderId: __, rep: ___, customerId: ____, ...rest } = run
  return JSON.stringify(rest)
}

export function decodeRun({ orderId, rep, customerId }: RunPlace, json: string): RunResult {
  const rest = JSON.parse(json) as Omit<RunResult, 'jobId' | 'orderId' | 'rep' | 'customerId'>
  return { jobId: jobIdOf(orderId, rep), orderId, rep, customerId, ...rest }
}

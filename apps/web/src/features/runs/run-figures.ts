import type { Fault, RunResult } from '@quarry/domain'

/** How long after its due time the page was asked for, in milliseconds; never negative. */
export function latenessMs(run: RunResult): number {
  return Math.max(0, run.startedAt - run.dueAt)
}

/** How long the fetch took, in milliseconds: measured by the miner for a page, by the server else. */
export function latencyMs(run: RunResult): number | undefined {
  if (run.outcome.kind === 'page') return run.outcome.timings.totalMs
  return run.attempt === 0 ? undefined : Math.max(0, run.finishedAt - run.startedAt)
}

/** The site's status, where it answered. */
export function statusOf(run: RunResult): number | undefined {
  return run.outcome.status
}

export function faultOf(run: RunResult): Fault | undefined {
  return run.outcome.kind === 'failure' ? run.outcome.fault : undefined
}

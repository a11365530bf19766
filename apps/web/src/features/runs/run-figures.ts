import type { RunSummary } from '@quarry/contracts'
import type { Fault, RunResult } from '@quarry/domain'

type Times = Pick<RunResult, 'startedAt' | 'finishedAt' | 'dueAt' | 'attempt'>

/** How long after its due time the page was asked for, in milliseconds; never negative. */
export function latenessMs(run: Pick<Times, 'startedAt' | 'dueAt'>): number {
  return Math.max(0, run.startedAt - run.dueAt)
}

/** How long the fetch took, in milliseconds: measured by the miner for a page, by the server else. */
export function latencyMs(run: RunResult | RunSummary): number | undefined {
  const { outcome } = run
  if (outcome.kind === 'page') return 'timings' in outcome ? outcome.timings.totalMs : outcome.totalMs
  return run.attempt === 0 ? undefined : Math.max(0, run.finishedAt - run.startedAt)
}

/** The site's status, where it answered. */
export function statusOf(run: RunResult | RunSummary): number | undefined {
  return run.outcome.status
}

export function faultOf(run: RunResult | RunSummary): Fault | undefined {
  return run.outcome.kind === 'failure' ? run.outcome.fault : undefined
}

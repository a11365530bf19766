import type { RunResult } from '../results/outcome.ts'

export type RunEventType = 'run.delivered' | 'run.changed' | 'run.failed'

/** Earlier repetitions that are looked at for the page before. */
export const RUNS_LOOKED_BACK = 20

/**
 * What a run is news of. `earlier`: the runs of lower repetitions that are stored, newest first, at least as many as
 * `missesInARow` and `RUNS_LOOKED_BACK` ask for, where there are so many. `run.changed`: the page differs from the last
 * one before it. `run.failed`: it is the `missesInARow`-th without a page in a row, so once for each series.
 */
export function eventsOfRun(
  run: RunResult,
  earlier: readonly RunResult[],
  missesInARow: number,
): readonly RunEventType[] {
  if (run.outcome.kind === 'failure') return missesBefore(earlier) + 1 === missesInARow ? ['run.failed'] : []
  const before = lastPage(earlier)
  return before !== undefined && before !== run.outcome.content.sha256
    ? ['run.delivered', 'run.changed']
    : ['run.delivered']
}

function missesBefore(earlier: readonly RunResult[]): number {
  const page = earlier.findIndex(({ outcome }) => outcome.kind === 'page')
  return page < 0 ? earlier.length : page
}

function lastPage(earlier: readonly RunResult[]): string | undefined {
  for (const { outcome } of earlier) if (outcome.kind === 'page') return outcome.content.sha256
  return undefined
}

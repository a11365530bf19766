import type { RunResult } from '@quarry/domain'
import { useTranslation } from 'react-i18next'
import classes from './status-strip.module.css'

const MOST_BARS = 60

/** The latest runs at a glance, the newest on the right; the table below says the same in words. */
export function StatusStrip({ runs }: { runs: readonly RunResult[] }) {
  const { t } = useTranslation()
  const shown = runs.slice(0, MOST_BARS).reverse()
  const delivered = shown.filter((run) => run.outcome.kind === 'page').length
  return (
    <div
      className={classes.strip}
      role="img"
      aria-label={t('runs.strip', { delivered, failed: shown.length - delivered })}
    >
      {Array.from({ length: MOST_BARS - shown.length }, (_, gap) => (
        <span key={`gap${gap}`} className={classes.bar} />
      ))}
      {shown.map((run) => (
        <span key={run.jobId} className={classes.bar} data-outcome={run.outcome.kind} />
      ))}
    </div>
  )
}

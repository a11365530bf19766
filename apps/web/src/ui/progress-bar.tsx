import { useTranslation } from 'react-i18next'
import classes from './progress-bar.module.css'

interface ProgressBarProps {
  readonly delivered: number
  readonly failed: number
  readonly total: number
}

/** How far an order has come: delivered and failed, of all its repetitions. */
export function ProgressBar({ delivered, failed, total }: ProgressBarProps) {
  const { t } = useTranslation()
  return (
    <div className={classes.bar} role="img" aria-label={t('orders.progressLabel', { delivered, failed, total })}>
      <span className={classes.delivered} style={{ width: `${(100 * delivered) / total}%` }} />
      <span className={classes.failed} style={{ width: `${(100 * failed) / total}%` }} />
    </div>
  )
}

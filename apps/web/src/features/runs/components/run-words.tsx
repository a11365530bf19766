import type { RunSummary } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { StatusDot } from '../../../ui/status-dot.tsx'

/** What came of a run in short: the site's status, or why there is no page. */
export function RunWords({ run: { outcome } }: { run: RunSummary }) {
  const { t } = useTranslation()
  if (outcome.kind === 'page') return <StatusDot tone="ok">{`${t('order.delivered')} · ${outcome.status}`}</StatusDot>
  return <StatusDot tone="bad">{t(`failures.${outcome.reason}`)}</StatusDot>
}

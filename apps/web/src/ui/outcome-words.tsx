import type { Outcome } from '@quarry/domain'
import { useTranslation } from 'react-i18next'
import { StatusDot } from './status-dot.tsx'

/** What came of a run: the site's status, or why there is no page. */
export function OutcomeWords({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation()
  if (outcome.kind === 'page') return <StatusDot tone="ok">{`${t('order.delivered')} · ${outcome.status}`}</StatusDot>
  return <StatusDot tone="bad">{t(`failures.${outcome.reason}`)}</StatusDot>
}

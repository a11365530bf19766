import type { ErrorComponentProps } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../ui/error-note.tsx'
import { PageHead } from '../ui/page-head.tsx'

/** Stands in for a page that could not be loaded or shown. */
export function Crashed({ error }: ErrorComponentProps) {
  const { t } = useTranslation()
  return (
    <div style={{ maxWidth: '40rem', margin: '0 auto', padding: '1.5rem 1rem' }}>
      <PageHead title={t('app.crashedTitle')} />
      <ErrorNote error={error} onRetry={() => window.location.reload()} />
    </div>
  )
}

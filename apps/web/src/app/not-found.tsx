import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '../ui/empty-state.tsx'
import { PageHead } from '../ui/page-head.tsx'

/** A page for an address that leads nowhere, with its own frame. */
export function NotFoundPage() {
  return (
    <main style={{ maxWidth: '40rem', margin: '0 auto', padding: '1.5rem 1rem' }}>
      <NotFound />
    </main>
  )
}

/** The same inside the frame of another page. */
export function NotFound() {
  const { t } = useTranslation()
  const action = <Button renderRoot={(props) => <Link to="/orders" {...props} />}>{t('app.toOrders')}</Button>
  return (
    <>
      <PageHead title="404" />
      <EmptyState title={t('app.notFoundTitle')} text={t('app.notFoundText')} action={action} />
    </>
  )
}

import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ImportForm } from '../../features/orders/components/import-form.tsx'
import { PageHead } from '../../ui/page-head.tsx'

const route = getRouteApi('/signed-in/orders/import')

export function ImportPage() {
  const { t } = useTranslation()
  const navigate = route.useNavigate()
  return (
    <>
      <PageHead title={t('bulk.title')} lead={t('bulk.lead')} />
      <ImportForm onPlaced={() => void navigate({ to: '/orders' })} />
    </>
  )
}

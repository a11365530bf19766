import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { orderQuery } from '../../features/orders/api/get-order.ts'
import { OrderHeader } from '../../features/orders/components/order-header.tsx'
import { OrderOverview } from '../../features/orders/components/order-overview.tsx'
import { RunTable } from '../../features/runs/components/run-table.tsx'
import { asCodedError } from '../../http/errors.ts'
import { ErrorNote } from '../../ui/error-note.tsx'
import { NotFound } from '../not-found.tsx'

const route = getRouteApi('/signed-in/orders/$orderId')

export function OrderPage() {
  const { t } = useTranslation()
  const { orderId } = route.useParams()
  const order = useQuery(orderQuery(orderId))
  if (order.isError && !order.data) {
    if (/not_found|invalid_input/.test(asCodedError(order.error).code)) return <NotFound />
    return <ErrorNote error={order.error} onRetry={() => void order.refetch()} />
  }
  return (
    <>
      <Link to="/orders">{t('order.back')}</Link>
      <OrderHeader order={order.data} />
      <Stack gap="md">
        <OrderOverview order={order.data} />
        <RunTable key={orderId} orderId={orderId} extract={order.data?.extract} />
      </Stack>
    </>
  )
}

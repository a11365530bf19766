import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { orderQuery } from '../../features/orders/api/get-order.ts'
import { OrderForm } from '../../features/orders/components/order-form.tsx'
import { emptyOrderForm, formOfOrder } from '../../features/orders/order-form.ts'
import { TryOut } from '../../features/try-out/components/try-out.tsx'
import { PageHead } from '../../ui/page-head.tsx'

const route = getRouteApi('/signed-in/orders/new')

export function NewOrderPage() {
  const { t } = useTranslation()
  const { from } = route.useSearch()
  const navigate = route.useNavigate()
  const model = useQuery({ ...orderQuery(from ?? ''), enabled: from !== undefined })
  const order = model.data
  const [openedAt] = useState(() => Date.now())
  const initial = useMemo(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    return order === undefined ? emptyOrderForm(timeZone) : formOfOrder(order, timeZone, openedAt)
  }, [order, openedAt])
  return (
    <>
      <PageHead title={t('form.title')} />
      {model.isLoading ? (
        <Skeleton h={480} />
      ) : (
        <OrderForm
          key={order?.id}
          initial={initial}
          draft={`order.${order?.id ?? 'new'}`}
          tryOut={(form) => <TryOut {...form} />}
          onPlaced={({ id }) => void navigate({ to: '/orders/$orderId', params: { orderId: id } })}
        />
      )}
    </>
  )
}

import { Anchor, Skeleton, Text } from '@mantine/core'
import type { OrderView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { PageHead } from '../../../ui/page-head.tsx'
import { orderName } from '../order-name.ts'
import { OrderActions } from './order-actions.tsx'
import { OrderState } from './order-state.tsx'

/** What the order is, how it stands, and what can be done with it. */
export function OrderHeader({ order }: { order: OrderView | undefined }) {
  const { t } = useTranslation()
  if (order === undefined) return <Skeleton h={{ base: 151, sm: 72 }} mb="lg" />
  return (
    <PageHead
      title={orderName(order)}
      lead={
        <>
          <Anchor href={order.url} target="_blank" rel="noopener noreferrer" size="sm">
            {order.url}
          </Anchor>
          <div>
            <OrderState state={order.state} />
            {order.reason !== undefined && (
              <Text span c="dimmed" ml="sm">
                {t('order.reason', { reason: order.reason })}
              </Text>
            )}
          </div>
        </>
      }
      actions={<OrderActions order={order} />}
    />
  )
}

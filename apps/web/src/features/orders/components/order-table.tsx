import { Button, Text } from '@mantine/core'
import type { OrderView } from '@quarry/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { LoadMore } from '../../../ui/load-more.tsx'
import { OutcomeWords } from '../../../ui/outcome-words.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { ordersQuery } from '../api/list-orders.ts'
import { orderName } from '../order-name.ts'
import { OrderState } from './order-state.tsx'
import classes from './order-table.module.css'

/** The user's orders and where each stands. */
export function OrderTable() {
  const { t } = useTranslation()
  const orders = useInfiniteQuery(ordersQuery)
  if (orders.isPending) return <TableSkeleton rows={6} />
  if (!orders.data) return <ErrorNote error={orders.error} onRetry={() => void orders.refetch()} />
  const items = orders.data.pages.flatMap((page) => page.items)
  if (items.length === 0) {
    const action = (
      <Button renderRoot={(props) => <Link to="/orders/new" {...props} />}>{t('orders.emptyAction')}</Button>
    )
    return <EmptyState title={t('orders.emptyTitle')} text={t('orders.emptyText')} action={action} />
  }
  return (
    <Surface>
      <table className={`${table.table} ${classes.orders}`} aria-label={t('orders.tableCaption')}>
        <thead>
          <tr>
            <th scope="col">{t('orders.name')}</th>
            <th scope="col">{t('orders.state')}</th>
            <th scope="col" className={table.wide}>
              {t('orders.next')}
            </th>
            <th scope="col" className={table.wide}>
              {t('orders.progress')}
            </th>
            <th scope="col" className={table.wide}>
              {t('orders.last')}
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((order) => (
            <OrderRow key={order.id} order={order} />
          ))}
        </tbody>
      </table>
      <LoadMore {...orders} />
    </Surface>
  )
}

function OrderRow({ order }: { order: OrderView }) {
  const { t } = useTranslation()
  const done = order.delivered + order.failed
  return (
    <tr>
      <td className={classes.name}>
        <Link to="/orders/$orderId" params={{ orderId: order.id }} className={`${classes.link} ${table.cover}`}>
          {orderName(order)}
        </Link>
        <Text size="xs" c="dimmed" truncate title={order.url}>
          {order.url}
        </Text>
        <div className={`${table.narrow} ${classes.below}`}>
          <NextRun order={order} />
          <span>{t('orders.runsOf', { done, total: order.repetitions })}</span>
        </div>
      </td>
      <td className={classes.state}>
        <OrderState state={order.state} />
      </td>
      <td className={`${table.wide} ${table.wrapless}`}>
        <NextRun order={order} />
      </td>
      <td className={`${table.wide} ${classes.progress}`}>
        <Text size="xs" mb={4}>
          {t('orders.runsOf', { done, total: order.repetitions })}
        </Text>
        <ProgressBar delivered={order.delivered} failed={order.failed} total={order.repetitions} />
      </td>
      <td className={table.wide}>
        {order.lastRun ? (
          <OutcomeWords outcome={order.lastRun.outcome} />
        ) : (
          <Text c="dimmed">{t('orders.noRunYet')}</Text>
        )}
      </td>
    </tr>
  )
}

function NextRun({ order }: { order: OrderView }) {
  const { t } = useTranslation()
  const [next] = order.nextDueAt
  if (next === undefined) return <Text span>{t('orders.noNext')}</Text>
  return <RelativeTime at={next} past={t('orders.due')} />
}

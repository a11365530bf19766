import { Badge, Button, Checkbox, Text } from '@mantine/core'
import type { OrderView } from '@quarry/contracts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
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
import { type OrderFilter, orderSummaryQuery, ordersQuery } from '../api/list-orders.ts'
import { orderName } from '../order-name.ts'
import { BulkActions } from './bulk-actions.tsx'
import { OrderFilters } from './order-filters.tsx'
import { OrderState } from './order-state.tsx'
import classes from './order-table.module.css'

interface OrderTableProps {
  readonly filter: OrderFilter
  readonly onFilter: (filter: OrderFilter) => void
}

/** The user's orders that meet the conditions, where each stands, and what can be done with several. */
export function OrderTable({ filter, onFilter }: OrderTableProps) {
  const { t } = useTranslation()
  const orders = useInfiniteQuery(ordersQuery(filter))
  const summary = useQuery(orderSummaryQuery)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  if (orders.isPending) return <TableSkeleton rows={6} />
  if (!orders.data) return <ErrorNote error={orders.error} onRetry={() => void orders.refetch()} />
  const items = orders.data.pages.flatMap((page) => page.items)
  const filtered = Object.keys(filter).length > 0
  if (items.length === 0 && !filtered) {
    const action = (
      <Button renderRoot={(props) => <Link to="/orders/new" {...props} />}>{t('orders.emptyAction')}</Button>
    )
    return <EmptyState title={t('orders.emptyTitle')} text={t('orders.emptyText')} action={action} />
  }
  const chosen = items.filter(({ id }) => selected.has(id))
  return (
    <>
      <OrderFilters filter={filter} summary={summary.data} onChange={onFilter} />
      {chosen.length > 0 && <BulkActions orders={chosen} onDone={() => setSelected(new Set())} />}
      {items.length === 0 ? (
        <EmptyState
          title={t('list.noneTitle')}
          text={t('list.noneText')}
          action={
            <Button variant="default" onClick={() => onFilter({})}>
              {t('list.noneAction')}
            </Button>
          }
        />
      ) : (
        <Surface>
          <OrderRows items={items} selected={selected} onSelect={setSelected} />
          <LoadMore {...orders} />
        </Surface>
      )}
    </>
  )
}

interface OrderRowsProps {
  readonly items: readonly OrderView[]
  readonly selected: ReadonlySet<string>
  readonly onSelect: (selected: ReadonlySet<string>) => void
}

function OrderRows({ items, selected, onSelect }: OrderRowsProps) {
  const { t } = useTranslation()
  const all = items.every(({ id }) => selected.has(id))
  const toggle = (id: string) => {
    const changed = new Set(selected)
    if (!changed.delete(id)) changed.add(id)
    onSelect(changed)
  }
  return (
    <table className={`${table.table} ${classes.orders}`} aria-label={t('orders.tableCaption')}>
      <thead>
        <tr>
          <th scope="col" className={classes.pick}>
            <Checkbox
              size="xs"
              aria-label={t('list.selectAll')}
              checked={all}
              indeterminate={!all && items.some(({ id }) => selected.has(id))}
              onChange={() => onSelect(all ? new Set() : new Set(items.map(({ id }) => id)))}
            />
          </th>
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
          <OrderRow key={order.id} order={order} selected={selected.has(order.id)} onSelect={() => toggle(order.id)} />
        ))}
      </tbody>
    </table>
  )
}

interface OrderRowProps {
  readonly order: OrderView
  readonly selected: boolean
  readonly onSelect: () => void
}

function OrderRow({ order, selected, onSelect }: OrderRowProps) {
  const { t } = useTranslation()
  const done = order.delivered + order.failed
  return (
    <tr>
      <td className={classes.pick}>
        <Checkbox
          size="xs"
          className={classes.box}
          aria-label={t('list.select', { name: orderName(order) })}
          checked={selected}
          onChange={onSelect}
        />
      </td>
      <td className={classes.name}>
        <Link to="/orders/$orderId" params={{ orderId: order.id }} className={`${classes.link} ${table.cover}`}>
          <bdi>{orderName(order)}</bdi>
        </Link>
        {order.tags?.map((tag) => (
          <Badge key={tag} size="xs" variant="default" ml={4} tt="none">
            {tag}
          </Badge>
        ))}
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

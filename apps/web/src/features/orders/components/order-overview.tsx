import { Skeleton, Text } from '@mantine/core'
import type { OrderView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import classes from './order-overview.module.css'
import { ScheduleWords } from './schedule-words.tsx'

/** Progress, coins and schedule, side by side where there is room. */
export function OrderOverview({ order }: { order: OrderView | undefined }) {
  if (order === undefined) return <Skeleton h={{ base: 640, sm: 220 }} />
  return (
    <div className={classes.panels}>
      <ProgressPanel order={order} />
      <CoinsPanel order={order} />
      <SchedulePanel order={order} />
    </div>
  )
}

function ProgressPanel({ order }: { order: OrderView }) {
  const { t, i18n } = useTranslation()
  const { delivered, failed, repetitions } = order
  const number = (value: number) => value.toLocaleString(i18n.language)
  return (
    <Surface title={t('order.progress')}>
      <Text mb="xs">{t('orders.runsOf', { done: delivered + failed, total: repetitions })}</Text>
      <div className={classes.bar}>
        <ProgressBar delivered={delivered} failed={failed} total={repetitions} />
      </div>
      <Facts
        items={[
          [t('order.delivered'), number(delivered)],
          [t('order.failed'), number(failed)],
          [t('order.open'), number(Math.max(0, repetitions - delivered - failed))],
        ]}
      />
    </Surface>
  )
}

function CoinsPanel({ order }: { order: OrderView }) {
  const { t, i18n } = useTranslation()
  const { paidIn, paidOut, refunded, inEscrow } = order.coins
  const number = (value: number) => value.toLocaleString(i18n.language)
  return (
    <Surface title={t('order.coins')}>
      <Text mb="md">{t('order.price', { count: order.priceCoins })}</Text>
      <Facts
        items={[
          [t('order.paidIn'), number(paidIn)],
          [t('order.paidOut'), number(paidOut)],
          [t('order.refunded'), number(refunded)],
          [t('order.inEscrow'), number(inEscrow)],
        ]}
      />
    </Surface>
  )
}

function SchedulePanel({ order }: { order: OrderView }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { schedule } = order
  const zone = schedule.kind !== 'once' && schedule.timeZone ? { timeZone: schedule.timeZone } : {}
  return (
    <Surface title={t('order.schedule')}>
      <Text mb="md">
        <ScheduleWords order={order} />
      </Text>
      <h3 className={classes.label}>{t('order.nextRuns')}</h3>
      {order.nextDueAt.length === 0 && <Text>{t('order.noNextRuns')}</Text>}
      <ol className={classes.times}>
        {order.nextDueAt.map((at, index) => (
          <li key={at}>
            <ExactTime at={at} seconds {...zone} />
            {index === 0 && (
              <Text span c="dimmed">
                {' · '}
                <RelativeTime at={at} past={t('orders.due')} />
              </Text>
            )}
          </li>
        ))}
      </ol>
      <Text size="xs" c="dimmed" mt="md">
        {t('order.patience', { time: format.interval(order.patienceMs) })}
        {'. '}
        {t('order.catchUp')}: {t(`catchUps.${order.catchUp}`)}.
      </Text>
    </Surface>
  )
}

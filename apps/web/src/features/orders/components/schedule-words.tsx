import type { OrderView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../../ui/use-format.ts'

/** When an order runs, in words. */
export function ScheduleWords({ schedule }: { schedule: OrderView['schedule'] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const from = t('order.from', { time: format.dateTime(schedule.startAt) })
  switch (schedule.kind) {
    case 'once':
      return <>{t('order.once', { time: format.dateTime(schedule.startAt) })}</>
    case 'interval':
      return <>{`${t('order.every', { interval: format.interval(schedule.intervalMs) })}, ${from}`}</>
    case 'cron':
      return <>{`${t('order.cron', { expression: schedule.expression, zone: schedule.timeZone })}, ${from}`}</>
  }
}

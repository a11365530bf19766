import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Coins } from '../../../ui/coins.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { forecastQuery } from '../api/get-forecast.ts'
import classes from './forecast-panel.module.css'

/** What running orders hold, and how long coins last at their pace. */
export function ForecastPanel() {
  const { t } = useTranslation()
  const format = useFormat()
  const forecast = useQuery(forecastQuery)
  if (forecast.isPending) {
    return (
      <Surface title={t('wallet.held')}>
        <Skeleton h={188} />
      </Surface>
    )
  }
  if (!forecast.data) return <ErrorNote error={forecast.error} onRetry={() => void forecast.refetch()} />
  const { heldCoins, burnPerDayCoins, runningUntil, lastsUntil, orders, orderCount, incomplete } = forecast.data
  const none = t('wallet.noForecast')
  return (
    <Surface title={t('wallet.held')}>
      <p className={classes.amount}>
        <span className={classes.figure}>{format.number(heldCoins)}</span>{' '}
        {t('wallet.heldOf', { count: orderCount, orders: format.number(orderCount) })}
      </p>
      <Facts
        items={[
          [
            t('wallet.burn'),
            burnPerDayCoins > 0
              ? t('wallet.burnPerDay', { coins: format.number(Math.ceil(burnPerDayCoins * 10) / 10) })
              : none,
          ],
          [t('wallet.runningUntil'), runningUntil === undefined ? none : format.dateTime(runningUntil)],
          [t('wallet.lastsUntil'), lastsUntil === undefined ? none : format.dateTime(lastsUntil)],
        ]}
      />
      <Text size="xs" c="dimmed" mt="sm">
        {t('wallet.lastsHint')} {incomplete && t('wallet.incomplete')}
      </Text>
      {orders.length > 0 && (
        <ul className={classes.orders} aria-label={t('wallet.holders')}>
          {orders.map(({ orderId, name, url, heldCoins: held }) => (
            <li key={orderId}>
              <Link to="/orders/$orderId" params={{ orderId }} className={classes.name}>
                {name || url}
              </Link>
              <Coins amount={held} />
            </li>
          ))}
        </ul>
      )}
    </Surface>
  )
}

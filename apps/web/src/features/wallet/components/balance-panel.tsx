import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { balanceQuery } from '../api/get-balance.ts'
import classes from './balance-panel.module.css'

/** Coins at hand, and coins under way when there are any. */
export function BalancePanel() {
  const { t, i18n } = useTranslation()
  const balance = useQuery(balanceQuery)
  if (balance.isError && !balance.data)
    return <ErrorNote error={balance.error} onRetry={() => void balance.refetch()} />
  const data = balance.data
  return (
    <Surface title={t('wallet.available')}>
      {data ? (
        <p className={classes.amount}>
          <span className={classes.figure}>{data.availableCoins.toLocaleString(i18n.language)}</span>{' '}
          {t('app.coins', { count: data.availableCoins }).replace(/^\S+\s/, '')}
        </p>
      ) : (
        <Skeleton h={35} w={160} />
      )}
      {data !== undefined && data.heldCoins > 0 && (
        <p className={classes.held} title={t('wallet.underWayHint')}>
          {t('wallet.underWay')}: {t('app.coins', { count: data.heldCoins })}
        </p>
      )}
    </Surface>
  )
}

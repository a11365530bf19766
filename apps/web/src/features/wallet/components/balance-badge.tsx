import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { CoinIcon } from '../../../ui/icons.tsx'
import { balanceQuery } from '../api/get-balance.ts'
import classes from './balance-badge.module.css'

/** The coins at hand, leading to the wallet. */
export function BalanceBadge() {
  const { t, i18n } = useTranslation()
  const { data } = useQuery(balanceQuery)
  // Nothing rather than a placeholder: what first appears to the left of the settings moves nothing.
  if (data === undefined) return null
  const coins = t('app.coins', { count: data.availableCoins })
  return (
    <Link to="/wallet" className={classes.badge} aria-label={t('app.balance', { coins })}>
      <CoinIcon />
      <span>{data.availableCoins.toLocaleString(i18n.language)}</span>
    </Link>
  )
}

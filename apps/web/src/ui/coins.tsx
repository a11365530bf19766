import { useTranslation } from 'react-i18next'

/** An amount of coins in words: `30 coins`. */
export function Coins({ amount }: { amount: number }) {
  const { t } = useTranslation()
  return <span>{t('app.coins', { count: amount })}</span>
}

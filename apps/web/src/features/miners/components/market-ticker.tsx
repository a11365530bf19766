import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Figures } from '../../../ui/figures.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { marketQuery } from '../api/get-market.ts'

/** The marketplace at this moment, in counts only. */
export function MarketTicker() {
  const { t, i18n } = useTranslation()
  const { data } = useQuery(marketQuery)
  const count = (value: number | undefined) => value?.toLocaleString(i18n.language)
  return (
    <Surface title={t('miners.ticker')}>
      <Figures
        label={t('miners.ticker')}
        items={[
          { label: t('miners.tickerPages'), value: count(data?.pagesPerMinute) },
          { label: t('miners.tickerMiners'), value: count(data?.minersOnline) },
          { label: t('miners.tickerCoins'), value: count(data?.paidTodayCoins) },
        ]}
      />
      <Text size="xs" c="dimmed" mt="xs">
        {t('miners.tickerHint')}
      </Text>
    </Surface>
  )
}

import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Figures } from '../../../ui/figures.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { minersQuery } from '../api/list-miners.ts'

/** How many of the user's devices work, and what they earn. */
export function MinerFigures() {
  const { t, i18n } = useTranslation()
  const format = useFormat()
  const { data } = useQuery(minersQuery)
  const working = data?.devices.filter(({ state }) => state !== 'away').length
  const coins = (count: number) => t('app.coins', { count }).replace(/^\S+\s/, '')
  return (
    <Surface>
      <Figures
        label={t('miners.title')}
        items={[
          {
            label: t('miners.here'),
            value: working?.toLocaleString(i18n.language),
            unit: t('miners.ofDevices', { count: data?.devices.length ?? 0 }),
          },
          {
            label: t('miners.today'),
            value: data && format.signed(data.today.coins),
            unit: coins(data?.today.coins ?? 0),
          },
          {
            label: t('miners.week'),
            value: data && format.signed(data.week.coins),
            unit: coins(data?.week.coins ?? 0),
          },
        ]}
      />
      <Text size="xs" c="dimmed" mt="xs">
        {t('miners.daysHint')}
      </Text>
    </Surface>
  )
}

import { SegmentedControl, Skeleton, Text } from '@mantine/core'
import type { FlowPeriod } from '@quarry/domain'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Chart } from '../../../ui/chart.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { flowsQuery } from '../api/get-flows.ts'
import { periodLabel, periodStarts } from '../periods.ts'

const periods = ['day', 'week', 'month'] as const satisfies readonly FlowPeriod[]

/** What came in and what went out, by day, week or month. */
export function FlowChart() {
  const { t, i18n } = useTranslation()
  const format = useFormat()
  const [per, setPer] = useState<FlowPeriod>('day')
  const [now] = useState(() => Date.now())
  const flows = useQuery({ ...flowsQuery(per, now), placeholderData: keepPreviousData })
  const starts = periodStarts(per, now)
  const sum = (start: string, side: 'inCoins' | 'outCoins') =>
    (flows.data?.flows ?? []).reduce((coins, flow) => coins + (flow.start === start ? flow[side] : 0), 0)
  const choice = (
    <SegmentedControl
      size="xs"
      aria-label={t('wallet.per')}
      value={per}
      onChange={(next) => setPer(next)}
      data={periods.map((value) => ({ value, label: t(`wallet.periods.${value}`) }))}
    />
  )
  return (
    <Surface title={t('wallet.flows')} aside={choice}>
      {flows.isPending && <Skeleton h={249} />}
      {flows.isError && !flows.data && <ErrorNote error={flows.error} onRetry={() => void flows.refetch()} />}
      {flows.data && (
        <>
          <Chart
            title={t('wallet.flows')}
            period={t(`wallet.periods.${per}`)}
            labels={starts.map((start) => periodLabel(start, per, i18n.language))}
            series={[
              { label: t('wallet.came'), tone: 'up', values: starts.map((start) => sum(start, 'inCoins')) },
              { label: t('wallet.went'), tone: 'down', values: starts.map((start) => sum(start, 'outCoins')) },
            ]}
            format={format.number}
          />
          <Text size="xs" c="dimmed" mt="xs">
            {t('wallet.inUtc')}
          </Text>
        </>
      )}
    </Surface>
  )
}

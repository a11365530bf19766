import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { SpendLimitsView } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asCodedError } from '../../../http/errors.ts'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { fieldProblems } from '../../../ui/field-problems.ts'
import { NumberInput } from '../../../ui/number-input.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { saveSpendLimits, spendLimitsQuery } from '../api/spend-limits.ts'
import classes from './spend-limits-panel.module.css'

/** As the API: what the dearest order there can be costs. */
const MOST_COINS = 100_000_000

/** What the user does not want to spend beyond, for one order and for a month. */
export function SpendLimitsPanel() {
  const { t } = useTranslation()
  const limits = useQuery(spendLimitsQuery)
  return (
    <Surface id="limits" title={t('account.limits')}>
      <Text c="dimmed" mb="md">
        {t('account.limitsText')}
      </Text>
      {limits.isPending && <Skeleton h={150} />}
      {limits.isError && !limits.data && <ErrorNote error={limits.error} onRetry={() => void limits.refetch()} />}
      {limits.data && <Limits limits={limits.data} />}
    </Surface>
  )
}

function Limits({ limits }: { limits: SpendLimitsView }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [orderCoins, setOrderCoins] = useState<number | string>(limits.orderCoins ?? '')
  const [monthCoins, setMonthCoins] = useState<number | string>(limits.monthCoins ?? '')
  const [tried, setTried] = useState(false)
  const save = useMutation({
    mutationFn: saveSpendLimits,
    onSuccess: (saved) => {
      notifications.show({ message: t('account.limitsSaved') })
      cache.setQueryData(keys.spendLimits, saved)
    },
  })
  const refused = fieldProblems(t, save.error === null ? undefined : asCodedError(save.error))
  const problemOf = (coins: number | string) => (isAmount(coins) ? undefined : t('account.limitsRange'))
  const isFine = isAmount(orderCoins) && isAmount(monthCoins)
  return (
    <form
      noValidate
      aria-label={t('account.limits')}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (!isFine) return
        save.mutate({
          ...(orderCoins !== '' && { orderCoins: Number(orderCoins) }),
          ...(monthCoins !== '' && { monthCoins: Number(monthCoins) }),
        })
      }}
    >
      <Stack gap="md">
        <div className={classes.fields}>
          <NumberInput
            label={t('account.limitOrder')}
            placeholder={t('account.noLimit')}
            value={orderCoins}
            onChange={setOrderCoins}
            allowDecimal={false}
            allowNegative={false}
            grouped
            hideControls
            error={(tried && problemOf(orderCoins)) || refused['orderCoins']}
          />
          <NumberInput
            label={t('account.limitMonth')}
            placeholder={t('account.noLimit')}
            value={monthCoins}
            onChange={setMonthCoins}
            allowDecimal={false}
            allowNegative={false}
            grouped
            hideControls
            error={(tried && problemOf(monthCoins)) || refused['monthCoins']}
          />
        </div>
        <Spent limits={limits} />
        <ErrorNote error={save.error} />
        <Group justify="flex-end">
          <Button type="submit" variant="default" loading={save.isPending}>
            {t('account.limitsSave')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** How much of the month's limit is gone. */
function Spent({ limits: { monthCoins, spentThisMonthCoins } }: { limits: SpendLimitsView }) {
  const { t } = useTranslation()
  const format = useFormat()
  const spent = format.number(spentThisMonthCoins)
  if (monthCoins === undefined) return <Text>{t('account.spent', { count: spentThisMonthCoins, spent })}</Text>
  const part = Math.min(1, spentThisMonthCoins / monthCoins)
  const words = t('account.spentOf', { spent, limit: format.number(monthCoins) })
  return (
    <div>
      <Text mb={4}>{words}</Text>
      <div className={classes.bar} aria-hidden="true">
        <span data-full={part === 1} style={{ width: `${100 * part}%` }} />
      </div>
    </div>
  )
}

function isAmount(coins: number | string): boolean {
  return coins === '' || (typeof coins === 'number' && Number.isInteger(coins) && coins >= 1 && coins <= MOST_COINS)
}

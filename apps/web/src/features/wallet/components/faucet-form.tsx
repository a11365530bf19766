import { Button, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { NumberInput } from '../../../ui/number-input.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { drawCoins } from '../api/draw-coins.ts'
import { balanceQuery } from '../api/get-balance.ts'

const MOST_COINS = 1_000_000

/** Free coins, where the server has a faucet; nothing elsewhere. */
export function FaucetForm() {
  const { t } = useTranslation()
  const { data } = useQuery(balanceQuery)
  const cache = useQueryClient()
  const [amount, setAmount] = useState<number | string>(1000)
  const draw = useMutation({
    mutationFn: (amountCoins: number) => drawCoins(amountCoins),
    onSuccess: (_, count) => {
      notifications.show({ message: t('wallet.faucetDone', { count }) })
      return Promise.all([
        cache.invalidateQueries({ queryKey: keys.balance }),
        cache.invalidateQueries({ queryKey: keys.journal }),
      ])
    },
  })
  if (data?.faucet !== true) return null
  const valid = typeof amount === 'number' && Number.isInteger(amount) && amount >= 1 && amount <= MOST_COINS
  return (
    <Surface title={t('wallet.faucet')}>
      <form
        noValidate
        aria-label={t('wallet.faucet')}
        onSubmit={(event) => {
          event.preventDefault()
          if (valid) draw.mutate(amount)
        }}
      >
        <Stack gap="sm">
          <Text c="dimmed">{t('wallet.faucetText')}</Text>
          <Group gap="sm" align="flex-end" wrap="nowrap">
            <NumberInput
              label={t('wallet.faucetAmount')}
              value={amount}
              onChange={setAmount}
              min={1}
              max={MOST_COINS}
              step={100}
              allowDecimal={false}
              grouped
              flex={1}
            />
            <Button type="submit" loading={draw.isPending} disabled={!valid}>
              {t('wallet.faucetSubmit')}
            </Button>
          </Group>
          <ErrorNote error={draw.error} />
        </Stack>
      </form>
    </Surface>
  )
}

import { Text } from '@mantine/core'
import type { AdminAccountView } from '@quarry/contracts'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keyOfBody, randomKey } from '../../../http/idempotency.ts'
import { NumberInput } from '../../../ui/number-input.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { moveCoins } from '../api/accounts.ts'
import { ActDialog } from './act-dialog.tsx'

const MOST_COINS = 1_000_000_000

interface CoinsDialogProps {
  readonly act: 'credit' | 'debit'
  readonly account: AdminAccountView
  readonly opened: boolean
  readonly onDone: (account: AdminAccountView) => void
  readonly onClose: () => void
}

/** Gives coins or takes them. The key lasts as long as the dialog is open, so that sending twice moves them once. */
export function CoinsDialog({ act, account, opened, onDone, onClose }: CoinsDialogProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const [coins, setCoins] = useState<number | string>('')
  const [tried, setTried] = useState(false)
  const [formKey, setFormKey] = useState(randomKey)
  const most = act === 'debit' ? account.availableCoins : MOST_COINS
  const isFine = typeof coins === 'number' && Number.isInteger(coins) && coins >= 1 && coins <= most
  const close = () => {
    setCoins('')
    setTried(false)
    setFormKey(randomKey())
    onClose()
  }
  return (
    <ActDialog
      opened={opened}
      title={t(`admin.acts.${act}.title`, { email: account.email })}
      confirm={t(`admin.acts.${act}.open`)}
      danger={act === 'debit'}
      check={() => {
        setTried(true)
        return isFine
      }}
      act={(reason) => {
        const move = { act, coins: Number(coins), reason }
        return moveCoins(account.userId, move, keyOfBody(formKey, move))
      }}
      doneWords={t(`admin.acts.${act}.done`, { count: Number(coins), email: account.email })}
      onDone={onDone}
      onClose={close}
    >
      {(refused) => (
        <>
          <Text>{t(`admin.acts.${act}.text`)}</Text>
          <NumberInput
            label={t('admin.coins')}
            description={t('admin.coinsHint', { available: format.number(account.availableCoins) })}
            data-autofocus
            allowDecimal={false}
            allowNegative={false}
            grouped
            hideControls
            value={coins}
            onChange={setCoins}
            error={(tried && !isFine && t('admin.coinsRange', { most: format.number(most) })) || refused['coins']}
          />
        </>
      )}
    </ActDialog>
  )
}

import { Alert, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import type { Factors } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { StepUpDialog } from '../../../ui/step-up-dialog.tsx'
import { deleteAccount, deletionQuery } from '../api/own-data.ts'

interface DeleteAccountDialogProps {
  readonly opened: boolean
  readonly email: string
  /** The account is shut: nobody is signed in to it any more. */
  readonly onDeleted: () => void
  readonly onClose: () => void
}

/** What is lost, the account's own address typed, and every factor: no click deletes an account by mistake. */
export function DeleteAccountDialog({ opened, email, onDeleted, onClose }: DeleteAccountDialogProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string>()
  const isRight = typed.trim().toLowerCase() === email
  const close = () => {
    setTyped('')
    setProblem(undefined)
    onClose()
  }
  return (
    <StepUpDialog
      opened={opened}
      title={t('account.deleteTitle')}
      confirm={t('account.deleteConfirm')}
      danger
      check={() => {
        setProblem(isRight ? undefined : t('account.deleteMistyped', { email }))
        return isRight
      }}
      // Here and not when it is told: by then this dialog may be gone with the session.
      act={async (factors: Factors) => {
        await deleteAccount({ ...factors, confirmation: typed })
        onDeleted()
      }}
      onDone={close}
      onClose={close}
    >
      <WhatEnds />
      <TextInput
        label={t('account.deleteTyped')}
        description={t('account.deleteTypedHint', { email })}
        autoComplete="off"
        maxLength={254}
        data-autofocus
        value={typed}
        error={problem}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
    </StepUpDialog>
  )
}

function WhatEnds() {
  const { t } = useTranslation()
  const ending = useQuery(deletionQuery)
  if (ending.isPending) return <Skeleton h={120} />
  if (!ending.data) return <ErrorNote error={ending.error} onRetry={() => void ending.refetch()} />
  const { coins, activeOrders } = ending.data
  return (
    <Alert color="red" variant="light" role="status" title={t('account.deleteForGood')}>
      <Stack gap={4}>
        {coins > 0 && <Text fw={600}>{t('account.deleteCoins', { count: coins })}</Text>}
        {activeOrders > 0 && <Text>{t('account.deleteOrders', { count: activeOrders })}</Text>}
        <Text>{t('account.deleteRest')}</Text>
      </Stack>
    </Alert>
  )
}

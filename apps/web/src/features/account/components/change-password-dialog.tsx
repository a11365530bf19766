import { Checkbox, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Factors } from '@quarry/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { StepUpDialog } from '../../../ui/step-up-dialog.tsx'
import { changePassword } from '../api/change-password.ts'
import { NewPasswordInput } from '../../../ui/new-password-input.tsx'

const LEAST_LETTERS = 8

/** The new password, what becomes of other browsers, and the factors in force. */
export function ChangePasswordDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [newPassword, setNewPassword] = useState('')
  const [endOtherSessions, setEndOtherSessions] = useState(true)
  const [problem, setProblem] = useState<string>()
  const close = () => {
    setNewPassword('')
    setProblem(undefined)
    onClose()
  }
  const check = () => {
    const isShort = newPassword.length < LEAST_LETTERS
    setProblem(isShort ? t('account.passwordShort') : undefined)
    return !isShort
  }
  const done = () => {
    notifications.show({ message: t('account.passwordChanged') })
    void cache.invalidateQueries({ queryKey: keys.account })
    close()
  }
  return (
    <StepUpDialog
      opened={opened}
      title={t('account.passwordTitle')}
      confirm={t('account.passwordSave')}
      check={check}
      act={(factors: Factors) => changePassword({ ...factors, newPassword, endOtherSessions })}
      onRefused={({ code }) => setProblem(code === 'password_too_common' ? t(`errors.${code}`) : undefined)}
      onDone={done}
      onClose={close}
    >
      <NewPasswordInput
        label={t('account.newPassword')}
        description={t('account.passwordRules')}
        data-autofocus
        value={newPassword}
        error={problem}
        onChange={({ currentTarget }) => setNewPassword(currentTarget.value)}
      />
      <Stack gap={4}>
        <Checkbox
          label={t('account.endOthers')}
          checked={endOtherSessions}
          onChange={({ currentTarget }) => setEndOtherSessions(currentTarget.checked)}
        />
        <Text c="dimmed">{t(endOtherSessions ? 'account.endOthersText' : 'account.keepOthersText')}</Text>
      </Stack>
      <Text fw={600}>{t('account.confirmIdentity')}</Text>
    </StepUpDialog>
  )
}

import { Button } from '@mantine/core'
import type { UserView } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { SettingRow } from '../../../ui/setting-row.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { accountQuery } from '../api/account.ts'
import { ChangePasswordDialog } from './change-password-dialog.tsx'
import { RecoveryRow } from './recovery-row.tsx'
import { TotpRow } from './totp-row.tsx'

/** What proves who one is: password, second factor, recovery codes. */
export function SecurityPanel({ user }: { user: UserView }) {
  const { t } = useTranslation()
  const account = useQuery(accountQuery)
  const [changing, setChanging] = useState(false)
  const enabled = account.data?.user.totpEnabled ?? user.totpEnabled
  return (
    <Surface id="security" title={t('account.security')}>
      <SettingRow
        name={t('account.password')}
        action={
          <Button variant="default" onClick={() => setChanging(true)}>
            {t('account.passwordChange')}
          </Button>
        }
      >
        {t('account.passwordText')}
      </SettingRow>
      <TotpRow enabled={enabled} />
      {enabled && <RecoveryRow left={account.data?.recoveryCodesLeft} />}
      {account.isError && <ErrorNote error={account.error} onRetry={() => void account.refetch()} />}
      <ChangePasswordDialog opened={changing} onClose={() => setChanging(false)} />
    </Surface>
  )
}

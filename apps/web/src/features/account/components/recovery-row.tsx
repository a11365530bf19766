import { Button, Skeleton, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { FactorsForm } from '../../../ui/factors-form.tsx'
import { SettingRow } from '../../../ui/setting-row.tsx'
import { StatusDot } from '../../../ui/status-dot.tsx'
import { renewRecoveryCodes } from '../api/second-factor.ts'
import { RecoveryCodes } from './recovery-codes.tsx'

/** From here on it is time for new ones. */
const FEW = 3

/** How many recovery codes are left, and how to get new ones. `left` is undefined while it is on its way. */
export function RecoveryRow({ left }: { left: number | undefined }) {
  const { t } = useTranslation()
  const [renewing, setRenewing] = useState(false)
  const close = () => setRenewing(false)
  const action = (
    <Button variant="default" onClick={() => setRenewing(true)}>
      {t('account.recoveryRenew')}
    </Button>
  )
  return (
    <SettingRow name={t('account.recoveryTitle')} action={action}>
      {left === undefined ? (
        <Skeleton h={21} w={140} />
      ) : (
        <StatusDot tone={left > FEW ? 'ok' : 'wait'}>
          {t('account.recoveryLeft', { count: left })} {left <= FEW && t('account.recoveryFew')}
        </StatusDot>
      )}
      <Dialog
        opened={renewing}
        onClose={close}
        size="lg"
        title={t('account.recoveryRenewTitle')}
        closeOnClickOutside={false}
      >
        <Renewal onClose={close} />
      </Dialog>
    </SettingRow>
  )
}

function Renewal({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [codes, setCodes] = useState<readonly string[]>()
  if (codes !== undefined) return <RecoveryCodes codes={codes} onDone={onClose} />
  return (
    <FactorsForm
      label={t('account.recoveryRenewTitle')}
      submit={t('account.recoveryRenew')}
      act={renewRecoveryCodes}
      onDone={({ recoveryCodes }) => {
        setCodes(recoveryCodes)
        void cache.invalidateQueries({ queryKey: keys.ownAccount })
      }}
      onCancel={onClose}
    >
      <Text>{t('account.recoveryRenewText')}</Text>
    </FactorsForm>
  )
}

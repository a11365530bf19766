import { Button, Checkbox, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Factors } from '@quarry/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { amendUser } from '../../../http/session.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { SettingRow } from '../../../ui/setting-row.tsx'
import { StatusDot } from '../../../ui/status-dot.tsx'
import { StepUpDialog } from '../../../ui/step-up-dialog.tsx'
import { removeTotp } from '../api/second-factor.ts'
import { SetUpTotp } from './set-up-totp.tsx'

/** The second factor: whether there is one, and how to have one, another one, or none. */
export function TotpRow({ enabled }: { enabled: boolean }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<'set-up' | 'replace' | 'remove'>()
  const close = () => setOpen(undefined)
  const actions = enabled ? (
    <>
      <Button variant="default" onClick={() => setOpen('replace')}>
        {t('account.totpReplace')}
      </Button>
      <Button variant="default" onClick={() => setOpen('remove')}>
        {t('account.totpRemove')}
      </Button>
    </>
  ) : (
    <Button onClick={() => setOpen('set-up')}>{t('account.totpStart')}</Button>
  )
  return (
    <SettingRow name={t('account.totp')} action={actions}>
      <StatusDot tone={enabled ? 'ok' : 'wait'}>{enabled ? t('account.totpOn') : t('account.totpOff')}</StatusDot>
      <Dialog
        opened={open === 'set-up' || open === 'replace'}
        onClose={close}
        size="lg"
        title={t(open === 'replace' ? 'account.totpReplace' : 'account.totpStart')}
        closeOnClickOutside={false}
      >
        <SetUpTotp replaces={open === 'replace'} onDone={close} onCancel={close} />
      </Dialog>
      <RemoveDialog opened={open === 'remove'} onClose={close} />
    </SettingRow>
  )
}

function RemoveDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [endOtherSessions, setEndOtherSessions] = useState(true)
  const removed = () => {
    amendUser({ totpEnabled: false })
    notifications.show({ message: t('account.totpRemoved') })
    void cache.invalidateQueries({ queryKey: keys.account })
    onClose()
  }
  return (
    <StepUpDialog
      opened={opened}
      title={t('account.totpRemoveTitle')}
      confirm={t('account.totpRemove')}
      danger
      act={(factors: Factors) => removeTotp({ ...factors, endOtherSessions })}
      onDone={removed}
      onClose={onClose}
    >
      <Text>{t('account.totpRemoveText')}</Text>
      <Checkbox
        label={t('account.endOthers')}
        checked={endOtherSessions}
        onChange={({ currentTarget }) => setEndOtherSessions(currentTarget.checked)}
      />
    </StepUpDialog>
  )
}

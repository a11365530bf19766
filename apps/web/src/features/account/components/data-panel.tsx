import { Button, Checkbox, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Factors, UserView } from '@quarry/contracts'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SettingRow } from '../../../ui/setting-row.tsx'
import { StepUpDialog } from '../../../ui/step-up-dialog.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { exportOwnData } from '../api/own-data.ts'
import { DeleteAccountDialog } from './delete-account-dialog.tsx'

/** Everything that is held about the user: to take along, or to have deleted. */
export function DataPanel({ user, onDeleted }: { user: UserView; onDeleted: () => void }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<'export' | 'delete'>()
  const close = () => setOpen(undefined)
  return (
    <Surface id="data" title={t('account.data')}>
      <SettingRow
        name={t('account.export')}
        action={
          <Button variant="default" onClick={() => setOpen('export')}>
            {t('account.exportAction')}
          </Button>
        }
      >
        {t('account.exportText')}
      </SettingRow>
      <SettingRow
        name={t('account.delete')}
        action={
          <Button variant="light" color="red" onClick={() => setOpen('delete')}>
            {t('account.deleteAction')}
          </Button>
        }
      >
        {t('account.deleteText')}
      </SettingRow>
      <ExportDialog opened={open === 'export'} onClose={close} />
      <DeleteAccountDialog opened={open === 'delete'} email={user.email} onDeleted={onDeleted} onClose={close} />
    </Surface>
  )
}

function ExportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const [bodies, setBodies] = useState(false)
  return (
    <StepUpDialog
      opened={opened}
      title={t('account.export')}
      confirm={t('account.exportAction')}
      act={(factors: Factors) => exportOwnData({ ...factors, bodies })}
      onDone={() => {
        notifications.show({ message: t('account.exportBegun') })
        onClose()
      }}
      onClose={onClose}
    >
      <Text>{t('account.exportHint')}</Text>
      <Checkbox
        label={t('account.exportBodies')}
        checked={bodies}
        onChange={({ currentTarget }) => setBodies(currentTarget.checked)}
      />
    </StepUpDialog>
  )
}

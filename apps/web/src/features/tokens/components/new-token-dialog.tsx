import { Alert, Button, Group, Stack } from '@mantine/core'
import type { NewApiTokenView } from '@quarry/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { TokenForm } from './token-form.tsx'

/** Creates a token, then shows it once. A click beside the dialog does not close it while the token is shown. */
export function NewTokenDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [created, setCreated] = useState<NewApiTokenView>()
  const close = () => {
    setCreated(undefined)
    onClose()
  }
  return (
    <Dialog
      opened={opened}
      onClose={close}
      closeOnClickOutside={created === undefined}
      title={created === undefined ? t('tokens.new') : created.name}
    >
      {created === undefined ? (
        <TokenForm
          onCreated={(token) => {
            setCreated(token)
            void cache.invalidateQueries({ queryKey: keys.tokens })
          }}
        />
      ) : (
        <Stack gap="md">
          <Alert color="yellow" variant="light" role="status">
            {t('tokens.shownOnce')}
          </Alert>
          <CommandBlock text={created.token} what={t('tokens.tokenOf')} wrap />
          <Group justify="flex-end">
            <Button onClick={close}>{t('tokens.done')}</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  )
}

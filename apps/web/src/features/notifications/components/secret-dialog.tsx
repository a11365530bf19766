import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import type { EndpointWithSecret } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { CommandBlock } from '../../../ui/command-block.tsx'
import { Dialog } from '../../../ui/dialog.tsx'

/** Shows a secret once. A click beside the dialog does not close it. */
export function SecretDialog({ made, onClose }: { made: EndpointWithSecret | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Dialog
      opened={made !== undefined}
      onClose={onClose}
      closeOnClickOutside={false}
      title={t('notifications.secretTitle')}
    >
      <Stack gap="md">
        <Alert color="yellow" variant="light" role="status">
          {t('notifications.secretOnce')}
        </Alert>
        <CommandBlock text={made?.secret ?? ''} what={t('notifications.secretOf')} wrap />
        {made?.endpoint.overlapUntil !== undefined && <Text>{t('notifications.overlap')}</Text>}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('notifications.secretDone')}</Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

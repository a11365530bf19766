import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import type { DeviceRequestView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import classes from './device-approval.module.css'

interface DeviceRequestProps {
  readonly asking: DeviceRequestView
  readonly busy: 'approve' | 'refuse' | undefined
  readonly error: unknown
  readonly onDecide: (decision: 'approve' | 'refuse') => void
}

/** Who asks, for what, from where and when. The harmless answer stands first. */
export function DeviceRequest({ asking, busy, error, onDecide }: DeviceRequestProps) {
  const { t } = useTranslation()
  return (
    <Stack gap="md">
      <Text size="md">{t('devices.asks', { client: asking.client })}</Text>
      <p className={classes.shown} aria-label={t('devices.code')}>
        {asking.userCode}
      </p>
      <Text>{t('devices.compare')}</Text>
      <Facts
        items={[
          [t('devices.device'), asking.deviceName],
          [t('devices.may'), asking.scopes.map((scope) => t(`tokens.scopes.${scope}`)).join(', ')],
          [t('devices.from'), asking.askedFrom],
          [t('devices.asked'), <RelativeTime key="asked" at={asking.askedAt} />],
        ]}
      />
      <Alert color="yellow" variant="light">
        {t('devices.warning')}
      </Alert>
      <ErrorNote error={error} />
      <Group grow>
        <Button
          variant="default"
          loading={busy === 'refuse'}
          disabled={busy === 'approve'}
          onClick={() => onDecide('refuse')}
        >
          {t('devices.refuse')}
        </Button>
        <Button loading={busy === 'approve'} disabled={busy === 'refuse'} onClick={() => onDecide('approve')}>
          {t('devices.approve')}
        </Button>
      </Group>
    </Stack>
  )
}

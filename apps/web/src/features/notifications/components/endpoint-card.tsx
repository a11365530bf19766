import { Button, Group, Menu, Text } from '@mantine/core'
import { notifications as toasts } from '@mantine/notifications'
import type { DeliveryView, EndpointView, EndpointWithSecret } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { StatusDot } from '../../../ui/status-dot.tsx'
import { changeEndpoint, removeEndpoint, rotateSecret, testEndpoint } from '../api/change-endpoint.ts'
import { wordOf } from '../event-types.ts'
import { DeliveryLog } from './delivery-log.tsx'
import classes from './endpoint-card.module.css'

interface EndpointCardProps {
  readonly endpoint: EndpointView
  readonly onEdit: () => void
  readonly onSecret: (made: EndpointWithSecret) => void
}

/** One webhook: how it does, and everything that can be done with it. */
export function EndpointCard({ endpoint, onEdit, onSecret }: EndpointCardProps) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [shown, setShown] = useState(false)
  const [asking, setAsking] = useState<'remove' | 'rotate'>()
  const { id, url, disabled, waiting, events } = endpoint
  const name = endpoint.name || url
  const changed = () => cache.invalidateQueries({ queryKey: keys.notifications })
  const test = useMutation({ mutationFn: () => testEndpoint(id), onSuccess: tell, onSettled: changed })
  const enable = useMutation({
    mutationFn: (enabled: boolean) => changeEndpoint(id, { enabled }),
    onSuccess: changed,
  })
  const answer = useMutation({
    mutationFn: async () => {
      if (asking === 'rotate') onSecret(await rotateSecret(id))
      else await removeEndpoint(id)
    },
    onSuccess: () => {
      setAsking(undefined)
      return changed()
    },
  })
  return (
    <article className={classes.card} aria-label={name}>
      <div className={classes.head}>
        <div className={classes.words}>
          <Text fw={500} className={classes.name}>
            {name}
          </Text>
          {endpoint.name !== '' && (
            <Text size="xs" c="dimmed" className={classes.name}>
              {url}
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            {t('notifications.test')}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size="xs" variant="default" aria-label={t('notifications.moreOf', { name })}>
                {t('notifications.more')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={onEdit}>{t('notifications.edit')}</Menu.Item>
              <Menu.Item onClick={() => setAsking('rotate')}>{t('notifications.rotate')}</Menu.Item>
              <Menu.Item onClick={() => enable.mutate(disabled !== undefined)}>
                {disabled ? t('notifications.enable') : t('notifications.disable')}
              </Menu.Item>
              <Menu.Item onClick={() => setAsking('remove')}>{t('notifications.remove')}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </div>
      <Group gap="md" mt="xs">
        <EndpointState endpoint={endpoint} />
        {waiting > 0 && <Text c="dimmed">{t('notifications.waiting', { count: waiting })}</Text>}
        <Text c="dimmed">{events.map((type) => t(`notifications.short.${wordOf(type)}`)).join(' · ')}</Text>
      </Group>
      <ErrorNote error={test.error ?? enable.error} />
      <Button size="xs" variant="subtle" mt="xs" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {shown ? t('notifications.hideLog') : t('notifications.showLog')}
      </Button>
      {shown && <DeliveryLog endpointId={id} />}
      <ConfirmDialog
        opened={asking !== undefined}
        title={asking === 'rotate' ? t('notifications.rotateTitle') : t('notifications.removeTitle', { name })}
        confirm={asking === 'rotate' ? t('notifications.rotate') : t('notifications.remove')}
        keep={t('notifications.keep')}
        danger={asking === 'remove'}
        busy={answer.isPending}
        error={answer.error}
        onConfirm={() => answer.mutate()}
        onClose={() => setAsking(undefined)}
      >
        {asking === 'rotate' ? t('notifications.rotateText') : t('notifications.removeText')}
      </ConfirmDialog>
    </article>
  )

  function tell({ state, status, error }: DeliveryView): void {
    setShown(true)
    const words = status === undefined ? (error ?? '') : t('notifications.answered', { status })
    const message =
      state === 'delivered' ? t('notifications.tested', { words }) : t('notifications.testFailed', { words })
    toasts.show({ message, ...(state !== 'delivered' && { color: 'red' }) })
  }
}

function EndpointState({ endpoint: { disabled, failingSince } }: { endpoint: EndpointView }) {
  const { t } = useTranslation()
  if (disabled)
    return (
      <StatusDot tone={disabled.why === 'by-owner' ? 'idle' : 'bad'}>
        {t(`notifications.off.${disabled.why}`)}
      </StatusDot>
    )
  if (failingSince === undefined) return <StatusDot tone="ok">{t('notifications.on')}</StatusDot>
  return (
    <StatusDot tone="wait">
      {t('notifications.failing')} <RelativeTime at={failingSince} />
    </StatusDot>
  )
}

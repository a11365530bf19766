import { Button, Text } from '@mantine/core'
import type { CreateEndpoint, EndpointView, EndpointWithSecret } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import { changeEndpoint, createEndpoint } from '../api/change-endpoint.ts'
import { notificationsQuery } from '../api/notifications-query.ts'
import { EndpointCard } from './endpoint-card.tsx'
import { EndpointForm } from './endpoint-form.tsx'
import { SecretDialog } from './secret-dialog.tsx'

const fresh: CreateEndpoint = { url: '', name: '', events: ['run.changed', 'run.failed'] }

/** The user's webhooks: add, change, test, see what was delivered. */
export function EndpointList() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const view = useQuery(notificationsQuery)
  const [editing, setEditing] = useState<EndpointView | 'new'>()
  const [made, setMade] = useState<EndpointWithSecret>()
  const changed = () => cache.invalidateQueries({ queryKey: keys.notifications })
  const save = useMutation({
    mutationFn: async (endpoint: CreateEndpoint) => {
      if (editing === 'new') setMade(await createEndpoint(endpoint))
      else if (editing) await changeEndpoint(editing.id, endpoint)
    },
    onSuccess: () => {
      setEditing(undefined)
      return changed()
    },
  })
  const close = () => {
    setEditing(undefined)
    save.reset()
  }
  const endpoints = view.data?.endpoints ?? []
  const create = <Button onClick={() => setEditing('new')}>{t('notifications.new')}</Button>
  return (
    <Surface title={t('notifications.webhooks')} aside={endpoints.length > 0 ? create : undefined}>
      <Text c="dimmed" mb="md">
        {t('notifications.webhooksText')}
      </Text>
      {view.isPending && <TableSkeleton rows={2} />}
      {view.isError && !view.data && <ErrorNote error={view.error} onRetry={() => void view.refetch()} />}
      {view.data && endpoints.length === 0 && (
        <EmptyState title={t('notifications.emptyTitle')} text={t('notifications.emptyText')} action={create} />
      )}
      {endpoints.map((endpoint) => (
        <EndpointCard key={endpoint.id} endpoint={endpoint} onEdit={() => setEditing(endpoint)} onSecret={setMade} />
      ))}
      <Dialog
        opened={editing !== undefined}
        onClose={close}
        title={editing === 'new' ? t('notifications.new') : t('notifications.edit')}
      >
        {editing !== undefined && (
          <EndpointForm
            initial={editing === 'new' ? fresh : { ...editing, events: [...editing.events] }}
            submit={editing === 'new' ? t('notifications.create') : t('notifications.save')}
            busy={save.isPending}
            error={save.error}
            onSubmit={({ url, name, events }) => save.mutate({ url, name, events })}
          />
        )}
      </Dialog>
      <SecretDialog made={made} onClose={() => setMade(undefined)} />
    </Surface>
  )
}

import { Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ApiTokenView } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { tokensQuery } from '../api/list-tokens.ts'
import { revokeToken } from '../api/revoke-token.ts'
import { NewTokenDialog } from './new-token-dialog.tsx'

/** The user's API tokens: create, look through, revoke. */
export function TokenList() {
  const { t } = useTranslation()
  const tokens = useQuery(tokensQuery)
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<ApiTokenView>()
  const create = <Button onClick={() => setCreating(true)}>{t('tokens.new')}</Button>
  const empty = tokens.data?.length === 0
  return (
    <Surface id="tokens" title={t('tokens.title')} aside={empty ? undefined : create}>
      <Text c="dimmed" mb="md">
        {t('tokens.text')}
      </Text>
      {tokens.isPending && <TableSkeleton rows={2} />}
      {tokens.isError && !tokens.data && <ErrorNote error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {empty && <EmptyState title={t('tokens.emptyTitle')} text={t('tokens.emptyText')} action={create} />}
      {tokens.data && !empty && <TokenTable tokens={tokens.data} onRevoke={setRevoking} />}
      <NewTokenDialog opened={creating} onClose={() => setCreating(false)} />
      <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />
    </Surface>
  )
}

interface TokenTableProps {
  readonly tokens: readonly ApiTokenView[]
  readonly onRevoke: (token: ApiTokenView) => void
}

function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  const { t } = useTranslation()
  return (
    <table className={table.table} aria-label={t('tokens.caption')}>
      <thead>
        <tr>
          <th scope="col">{t('tokens.name')}</th>
          <th scope="col" className={table.wide}>
            {t('tokens.created')}
          </th>
          <th scope="col">{t('tokens.lastUsed')}</th>
          <th scope="col" className={table.number}>
            {t('tokens.actions')}
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <td>
              <Text fw={500}>{token.name}</Text>
              <Text size="xs" c="dimmed">
                {token.scopes.map((scope) => t(`tokens.scopes.${scope}`)).join(', ')}
              </Text>
            </td>
            <td className={table.wide}>
              <RelativeTime at={token.createdAt} />
            </td>
            <td>{token.lastUsedAt === undefined ? t('tokens.never') : <RelativeTime at={token.lastUsedAt} />}</td>
            <td className={table.number}>
              <Button
                size="xs"
                variant="default"
                aria-label={t('tokens.revokeOf', { name: token.name })}
                onClick={() => onRevoke(token)}
              >
                {t('tokens.revoke')}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function RevokeDialog({ token, onClose }: { token: ApiTokenView | undefined; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const revoke = useMutation({
    mutationFn: (revoked: ApiTokenView) => revokeToken(revoked.id),
    onSuccess: (_, { name }) => {
      notifications.show({ message: t('tokens.revoked', { name }) })
      onClose()
      return cache.invalidateQueries({ queryKey: keys.tokens })
    },
  })
  return (
    <ConfirmDialog
      opened={token !== undefined}
      title={t('tokens.revokeTitle', { name: token?.name ?? '' })}
      confirm={t('tokens.revoke')}
      keep={t('tokens.keep')}
      danger
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => token && revoke.mutate(token)}
      onClose={onClose}
    >
      {t('tokens.revokeText')}
    </ConfirmDialog>
  )
}

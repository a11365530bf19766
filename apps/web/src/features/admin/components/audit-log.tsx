import { Text } from '@mantine/core'
import type { AuditEntryView } from '@quarry/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { LoadMore } from '../../../ui/load-more.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { auditQuery } from '../api/audit-log.ts'

/** What administrators did or tried, newest first. The log knows ids only; whoever looks up one leaves no mark in it. */
export function AuditLog({ ownId }: { ownId: string }) {
  const { t } = useTranslation()
  const log = useInfiniteQuery(auditQuery)
  const entries = log.data?.pages.flatMap((page) => page.items)
  return (
    <Surface title={t('admin.audit')}>
      <Text c="dimmed" mb="md">
        {t('admin.auditText')}
      </Text>
      {log.isPending && <TableSkeleton rows={5} />}
      {log.isError && !log.data && <ErrorNote error={log.error} onRetry={() => void log.refetch()} />}
      {entries?.length === 0 && <Text>{t('admin.auditEmpty')}</Text>}
      {entries !== undefined && entries.length > 0 && <Entries entries={entries} ownId={ownId} />}
      {log.data && <LoadMore {...log} />}
    </Surface>
  )
}

function Entries({ entries, ownId }: { entries: readonly AuditEntryView[]; ownId: string }) {
  const { t } = useTranslation()
  return (
    <table className={table.table} aria-label={t('admin.audit')}>
      <thead>
        <tr>
          <th scope="col">{t('admin.when')}</th>
          <th scope="col">{t('admin.what')}</th>
          <th scope="col" className={table.wide}>
            {t('admin.who')}
          </th>
          <th scope="col">{t('admin.reason')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td>
              <ExactTime at={entry.at} seconds />
            </td>
            <td>
              <What entry={entry} />
            </td>
            <td className={table.wide}>
              <Who actorId={entry.actorId} ownId={ownId} />
            </td>
            <td>{entry.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function What({ entry: { action, subject, details } }: { entry: AuditEntryView }) {
  const { t } = useTranslation()
  const coins = details['coins']
  return (
    <>
      {t(`admin.auditActions.${action}`)}
      {typeof coins === 'number' && `: ${t('app.coins', { count: coins })}`}
      <Text size="xs" c="dimmed">
        {isOfAccount(action) ? (
          <Link to="/admin/accounts/$userId" params={{ userId: subject }}>
            {subject}
          </Link>
        ) : (
          subject
        )}
      </Text>
    </>
  )
}

function Who({ actorId, ownId }: { actorId: string; ownId: string }) {
  const { t } = useTranslation()
  if (actorId === ownId) return t('admin.you')
  if (actorId === 'console') return t('admin.console')
  return (
    <Link to="/admin/accounts/$userId" params={{ userId: actorId }}>
      {actorId}
    </Link>
  )
}

function isOfAccount(action: AuditEntryView['action']): boolean {
  return action.startsWith('account.') || action.startsWith('admin.')
}

import { Button, Text } from '@mantine/core'
import type { TransferKind } from '@quarry/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { LoadMore } from '../../../ui/load-more.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { journalQuery } from '../api/list-journal.ts'

/** Movements of the user's coins, of one kind or all, newest first. */
export function JournalTable({ kind }: { kind: TransferKind | undefined }) {
  const { t } = useTranslation()
  const format = useFormat()
  const journal = useInfiniteQuery(journalQuery(kind))
  if (journal.isPending) return <TableSkeleton rows={5} />
  if (!journal.data) return <ErrorNote error={journal.error} onRetry={() => void journal.refetch()} />
  const lines = journal.data.pages.flatMap((page) => page.items)
  if (lines.length === 0 && kind !== undefined) {
    return (
      <>
        <Text c="dimmed">{t('wallet.noneOfKind')}</Text>
        <LoadMore {...journal} />
      </>
    )
  }
  if (lines.length === 0) {
    const action = (
      <Button renderRoot={(props) => <Link to="/orders/new" {...props} />}>{t('wallet.emptyAction')}</Button>
    )
    return <EmptyState title={t('wallet.emptyTitle')} text={t('wallet.emptyText')} action={action} />
  }
  return (
    <>
      <table className={table.table} aria-label={t('wallet.journalCaption')}>
        <thead>
          <tr>
            <th scope="col">{t('wallet.when')}</th>
            <th scope="col">{t('wallet.what')}</th>
            <th scope="col" className={table.number}>
              {t('wallet.amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.transferId}>
              <td>
                <ExactTime at={line.at} seconds />
              </td>
              <td>
                {t(`transfers.${line.kind}`)}
                {line.orderId !== undefined && line.kind !== 'payment' && (
                  <>
                    {' · '}
                    <Link to="/orders/$orderId" params={{ orderId: line.orderId }}>
                      {t('wallet.openOrder')}
                    </Link>
                  </>
                )}
              </td>
              <td className={table.number}>{format.signed(line.amountCoins)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <LoadMore {...journal} />
    </>
  )
}

import { Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import type { AdminAccountView } from '@quarry/contracts'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { LoadMore } from '../../../ui/load-more.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { TableSkeleton } from '../../../ui/table-skeleton.tsx'
import table from '../../../ui/table.module.css'
import { useFormat } from '../../../ui/use-format.ts'
import { accountsQuery } from '../api/accounts.ts'
import { AccountState } from './account-state.tsx'

const PAUSE_MS = 250

/** Accounts, found by the beginning of their address. */
export function AccountTable() {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), PAUSE_MS)
  const accounts = useInfiniteQuery({ ...accountsQuery(search), placeholderData: keepPreviousData })
  const found = accounts.data?.pages.flatMap((page) => page.items)
  return (
    <Surface title={t('admin.accounts')}>
      <TextInput
        type="search"
        aria-label={t('admin.search')}
        placeholder={t('admin.search')}
        maxLength={254}
        mb="md"
        maw="24rem"
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      {accounts.isPending && <TableSkeleton rows={5} />}
      {accounts.isError && !accounts.data && (
        <ErrorNote error={accounts.error} onRetry={() => void accounts.refetch()} />
      )}
      {found?.length === 0 && <Text c="dimmed">{t('admin.noAccounts')}</Text>}
      {found !== undefined && found.length > 0 && <Rows accounts={found} />}
      {accounts.data && <LoadMore {...accounts} />}
    </Surface>
  )
}

function Rows({ accounts }: { accounts: readonly AdminAccountView[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <table className={table.table} aria-label={t('admin.accounts')}>
      <thead>
        <tr>
          <th scope="col">{t('admin.address')}</th>
          <th scope="col">{t('admin.state')}</th>
          <th scope="col" className={table.wide}>
            {t('admin.secondFactor')}
          </th>
          <th scope="col" className={table.wide}>
            {t('admin.since')}
          </th>
          <th scope="col" className={`${table.number} ${table.wide}`}>
            {t('admin.orders')}
          </th>
          <th scope="col" className={table.number}>
            {t('admin.coins')}
          </th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <tr key={account.userId}>
            <td>
              <Link to="/admin/accounts/$userId" params={{ userId: account.userId }} className={table.cover}>
                {account.email}
              </Link>
              {account.admin && (
                <Text size="xs" c="dimmed">
                  {t('admin.isAdmin')}
                </Text>
              )}
            </td>
            <td className={table.wrapless}>
              <AccountState state={account.state} />
            </td>
            <td className={table.wide}>{t(account.totpEnabled ? 'admin.on' : 'admin.off')}</td>
            <td className={table.wide}>
              <ExactTime at={account.createdAt} />
            </td>
            <td className={`${table.number} ${table.wide}`}>
              {format.number(account.orders)}
              {account.moreOrders && '+'}
            </td>
            <td className={table.number}>{format.number(account.availableCoins)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

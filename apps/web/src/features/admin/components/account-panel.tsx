import { Button, Group, Skeleton, Text } from '@mantine/core'
import type { AdminAccountView } from '@quarry/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { keys } from '../../../http/keys.ts'
import { ErrorNote } from '../../../ui/error-note.tsx'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { Surface } from '../../../ui/surface.tsx'
import { useFormat } from '../../../ui/use-format.ts'
import { accountQuery, setAccountState } from '../api/accounts.ts'
import { AccountState } from './account-state.tsx'
import { ActDialog } from './act-dialog.tsx'
import { CoinsDialog } from './coins-dialog.tsx'

/** One account, and what an administrator can do about it. `ownId`: nobody shuts their own. */
export function AccountPanel({ userId, ownId }: { userId: string; ownId: string }) {
  const { t } = useTranslation()
  const account = useQuery(accountQuery(userId))
  return (
    <Surface title={account.data?.email ?? t('admin.account')}>
      {account.isPending && <Skeleton h={260} />}
      {account.isError && !account.data && <ErrorNote error={account.error} onRetry={() => void account.refetch()} />}
      {account.data && <Account account={account.data} isOwn={userId === ownId} />}
    </Surface>
  )
}

function Account({ account, isOwn }: { account: AdminAccountView; isOwn: boolean }) {
  const { t } = useTranslation()
  const format = useFormat()
  const cache = useQueryClient()
  const [open, setOpen] = useState<'credit' | 'debit' | 'state'>()
  // Kept while the dialog leaves, though the account's state has changed by then.
  const [act, setAct] = useState<'disable' | 'enable'>('disable')
  const close = () => setOpen(undefined)
  const took = (changed: AdminAccountView) => {
    cache.setQueryData(keys.adminAccount(changed.userId), changed)
    void cache.invalidateQueries({ queryKey: keys.adminAccountLists })
  }
  const isOpen = account.state === 'open'
  const nextAct = isOpen ? 'disable' : 'enable'
  return (
    <>
      <Facts
        items={[
          [t('admin.state'), <AccountState key="state" state={account.state} />],
          [t('admin.coins'), format.number(account.availableCoins)],
          [t('admin.orders'), `${format.number(account.orders)}${account.moreOrders ? '+' : ''}`],
          [t('admin.secondFactor'), t(account.totpEnabled ? 'admin.on' : 'admin.off')],
          [t('admin.role'), t(account.admin ? 'admin.isAdmin' : 'admin.isUser')],
          [t('admin.since'), <ExactTime key="since" at={account.createdAt} />],
          [t('admin.id'), account.userId],
        ]}
      />
      {account.state === 'deleting' ? (
        <Text c="dimmed" mt="lg">
          {t('admin.deletingText')}
        </Text>
      ) : (
        <Group gap="xs" mt="lg">
          <Button variant="default" onClick={() => setOpen('credit')}>
            {t('admin.acts.credit.open')}
          </Button>
          <Button variant="default" onClick={() => setOpen('debit')}>
            {t('admin.acts.debit.open')}
          </Button>
          {!isOwn && (
            <Button
              variant={isOpen ? 'light' : 'default'}
              {...(isOpen && { color: 'red' })}
              onClick={() => {
                setAct(nextAct)
                setOpen('state')
              }}
            >
              {t(`admin.acts.${nextAct}.open`)}
            </Button>
          )}
        </Group>
      )}
      <CoinsDialog act="credit" account={account} opened={open === 'credit'} onDone={took} onClose={close} />
      <CoinsDialog act="debit" account={account} opened={open === 'debit'} onDone={took} onClose={close} />
      <ActDialog
        opened={open === 'state'}
        title={t(`admin.acts.${act}.title`, { email: account.email })}
        confirm={t(`admin.acts.${act}.open`)}
        danger={act === 'disable'}
        act={(reason) => setAccountState(account.userId, act, reason)}
        doneWords={t(`admin.acts.${act}.done`, { email: account.email })}
        onDone={took}
        onClose={close}
      >
        {() => <Text>{t(`admin.acts.${act}.text`)}</Text>}
      </ActDialog>
    </>
  )
}

import { Button } from '@mantine/core'
import { getRouteApi, Link, Outlet, useLocation } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { AccountPanel } from '../../features/admin/components/account-panel.tsx'
import { AccountTable } from '../../features/admin/components/account-table.tsx'
import { AuditLog } from '../../features/admin/components/audit-log.tsx'
import { DenyList } from '../../features/admin/components/deny-list.tsx'
import { LedgerPanel } from '../../features/admin/components/ledger-panel.tsx'
import { SystemPanel } from '../../features/admin/components/system-panel.tsx'
import type { SessionState } from '../../http/session.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useSession } from '../../ui/use-session.ts'
import classes from './admin-page.module.css'

const places = [
  { to: '/admin', label: 'admin.accounts' },
  { to: '/admin/deny-list', label: 'admin.denyList' },
  { to: '/admin/system', label: 'admin.system' },
  { to: '/admin/audit', label: 'admin.audit' },
] as const

/** The frame of the administration; whoever has no business here is told so, and the API refuses them anyway. */
export function AdminPage() {
  const { t } = useTranslation()
  const session = useSession()
  const { pathname } = useLocation()
  if (session.kind !== 'signed-in') return null
  const { admin, totpEnabled } = session.user
  if (!admin || !totpEnabled) {
    const toFactor = (
      <Button renderRoot={(props) => <Link to="/account/second-factor" search={{ next: '/admin' }} {...props} />}>
        {t('app.setUpTotp')}
      </Button>
    )
    return (
      <>
        <PageHead title={t('admin.title')} />
        <EmptyState
          title={t(admin ? 'admin.factorTitle' : 'admin.refusedTitle')}
          text={t(admin ? 'admin.factorText' : 'admin.refusedText')}
          action={
            admin ? (
              toFactor
            ) : (
              <Button renderRoot={(props) => <Link to="/orders" {...props} />}>{t('app.toOrders')}</Button>
            )
          }
        />
      </>
    )
  }
  return (
    <>
      <PageHead title={t('admin.title')} />
      <nav className={classes.places} aria-label={t('admin.title')}>
        {places.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: true }}
            // One account is below the list of them, whose address is a beginning of every other.
            aria-current={to === '/admin' && pathname.startsWith('/admin/accounts/') ? 'page' : undefined}
          >
            {t(label)}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  )
}

export function AdminAccounts() {
  return <AccountTable />
}

const oneAccount = getRouteApi('/signed-in/admin/accounts/$userId')

export function AdminAccount() {
  const { t } = useTranslation()
  const session = useSession()
  const { userId } = oneAccount.useParams()
  return (
    <div className={classes.stack}>
      <Link to="/admin">{t('admin.toAccounts')}</Link>
      <AccountPanel key={userId} userId={userId} ownId={ownIdOf(session)} />
    </div>
  )
}

export function AdminDenyList() {
  return <DenyList />
}

export function AdminSystem() {
  return (
    <div className={classes.stack}>
      <SystemPanel />
      <LedgerPanel />
    </div>
  )
}

export function AdminAudit() {
  return <AuditLog ownId={ownIdOf(useSession())} />
}

function ownIdOf(session: SessionState): string {
  return session.kind === 'signed-in' ? session.user.userId : ''
}

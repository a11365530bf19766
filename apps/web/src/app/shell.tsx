import { Button } from '@mantine/core'
import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { logout } from '../features/session/api/logout.ts'
import { BalanceBadge } from '../features/wallet/components/balance-badge.tsx'
import { AccountIcon, CoinIcon, Mark, OrdersIcon } from '../ui/icons.tsx'
import { useSession } from '../ui/use-session.ts'
import { DisplaySettings } from './display-settings.tsx'
import { LiveStatus } from './live-status.tsx'
import classes from './shell.module.css'

const places = [
  { to: '/orders', label: 'app.orders', Icon: OrdersIcon },
  { to: '/wallet', label: 'app.wallet', Icon: CoinIcon },
  { to: '/account', label: 'app.account', Icon: AccountIcon },
] as const

/** The frame of every page behind the sign-in: navigation (at the bottom on a phone), balance, settings. */
export function Shell() {
  const { t } = useTranslation()
  const session = useSession()
  return (
    <>
      <a href="#content" className={classes.skip}>
        {t('app.skip')}
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/orders" className={classes.brand}>
            <Mark />
            Quarry
          </Link>
          <nav className={classes.nav} aria-label={t('app.mainNavigation')}>
            {places.map(({ to, label, Icon }) => (
              <Link key={to} to={to} className={classes.place}>
                <Icon />
                {t(label)}
              </Link>
            ))}
          </nav>
          <div className={classes.tools}>
            <BalanceBadge />
            <DisplaySettings>
              {session.kind === 'signed-in' && <div className={classes.user}>{session.user.email}</div>}
              <Button variant="default" onClick={() => void logout().catch(() => undefined)}>
                {t('app.signOut')}
              </Button>
            </DisplaySettings>
          </div>
        </div>
      </header>
      <LiveStatus />
      <main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
    </>
  )
}

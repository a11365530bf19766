import { Button } from '@mantine/core'
import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { logout } from '../features/session/api/logout.ts'
import { BalanceBadge } from '../features/wallet/components/balance-badge.tsx'
import { Mark } from '../ui/icons.tsx'
import { useSession } from '../ui/use-session.ts'
import { DisplaySettings } from './display-settings.tsx'
import { GuestBar } from './guest-bar.ts'
import { LiveStatus } from './live-status.tsx'
import { places } from './places.ts'
import classes from './shell.module.css'
import { showSheet } from './shortcuts.ts'

/** The frame of every page behind the sign-in: navigation (at the bottom on a phone), balance, settings. */
export function Shell() {
  const { t } = useTranslation()
  const session = useSession()
  const shown = places.filter(
    ({ isFor }) => isFor === undefined || (session.kind === 'signed-in' && isFor(session.user)),
  )
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
            {shown.map(({ to, label, Icon }) => (
              <Link key={to} to={to} className={classes.place}>
                <Icon />
                <span className={classes.label}>{t(label)}</span>
              </Link>
            ))}
          </nav>
          <div className={classes.tools}>
            <BalanceBadge />
            <DisplaySettings>
              {(close) => (
                <>
                  {session.kind === 'signed-in' && <div className={classes.user}>{session.user.email}</div>}
                  <Button variant="subtle" color="gray" c="inherit" onClick={() => (close(), showSheet(true))}>
                    {t('shortcuts.show')}
                  </Button>
                  <Button variant="default" onClick={() => void logout().catch(() => undefined)}>
                    {t('app.signOut')}
                  </Button>
                </>
              )}
            </DisplaySettings>
          </div>
        </div>
      </header>
      {session.kind === 'signed-in' && session.user.guest && <GuestBar onLeave={logout} />}
      <LiveStatus />
      <main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
    </>
  )
}

import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DataPanel } from '../../features/account/components/data-panel.tsx'
import { ProfilePanel } from '../../features/account/components/profile-panel.tsx'
import { SecurityPanel } from '../../features/account/components/security-panel.tsx'
import { SessionList } from '../../features/account/components/session-list.tsx'
import { SpendLimitsPanel } from '../../features/account/components/spend-limits-panel.tsx'
import { LinkedSignIns } from '../../features/elsewhere/components/linked-sign-ins.tsx'
import { LeaderboardPanel } from '../../features/miners/components/leaderboard-panel.tsx'
import { ClientCommands } from '../../features/tokens/components/client-commands.tsx'
import { TokenList } from '../../features/tokens/components/token-list.tsx'
import { endSession } from '../../http/session.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { useSession } from '../../ui/use-session.ts'
import { DisplayChoices } from '../display-choices.tsx'
import classes from './account-page.module.css'

/** The sections that the list at the side leads to, by their ids. */
const sections = ['profile', 'security', 'sessions', 'tokens', 'limits', 'leaderboard', 'data'] as const

const route = getRouteApi('/signed-in/account')

export function AccountPage() {
  const { t } = useTranslation()
  const session = useSession()
  const navigate = useNavigate()
  const { providers } = route.useLoaderData()
  if (session.kind !== 'signed-in') return null
  // First to where nobody has to be signed in, so that losing the session leads nowhere else.
  const toFarewell = () => void navigate({ to: '/farewell' }).then(() => endSession(true))
  return (
    <>
      <PageHead title={t('account.title')} />
      <div className={classes.columns}>
        <nav className={classes.sections} aria-label={t('account.sectionsLabel')}>
          {sections.map((section) => (
            <a key={section} href={`#${section}`}>
              {t(`account.sections.${section}`)}
            </a>
          ))}
        </nav>
        <div className={classes.stack}>
          <ProfilePanel user={session.user}>
            <DisplayChoices />
          </ProfilePanel>
          <SecurityPanel user={session.user} />
          <LinkedSignIns providers={providers} />
          <SessionList />
          <TokenList />
          <ClientCommands />
          <SpendLimitsPanel />
          <LeaderboardPanel />
          <DataPanel user={session.user} onDeleted={toFarewell} />
        </div>
      </div>
    </>
  )
}

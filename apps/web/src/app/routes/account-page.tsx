import { useTranslation } from 'react-i18next'
import { ProfilePanel } from '../../features/account/components/profile-panel.tsx'
import { SessionList } from '../../features/account/components/session-list.tsx'
import { TotpPanel } from '../../features/account/components/totp-panel.tsx'
import { ClientCommands } from '../../features/tokens/components/client-commands.tsx'
import { TokenList } from '../../features/tokens/components/token-list.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useSession } from '../../ui/use-session.ts'
import classes from './columns.module.css'

export function AccountPage() {
  const { t } = useTranslation()
  const session = useSession()
  if (session.kind !== 'signed-in') return null
  return (
    <>
      <PageHead title={t('account.title')} />
      <div className={classes.stack}>
        <ProfilePanel user={session.user} />
        <TotpPanel enabled={session.user.totpEnabled} />
        <SessionList />
        <TokenList />
        <ClientCommands />
      </div>
    </>
  )
}

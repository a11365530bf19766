import type { UserView } from '@quarry/contracts'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { Surface } from '../../../ui/surface.tsx'
import classes from './profile-panel.module.css'

/** Who one is here; `children` are the choices of language and theme. */
export function ProfilePanel({ user, children }: { user: UserView; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <Surface id="profile" title={t('account.profile')}>
      <div className={classes.sides}>
        <Facts
          items={[
            [t('account.email'), user.email],
            [t('account.since'), <ExactTime key="since" at={user.createdAt} />],
          ]}
        />
        <div className={classes.choices}>{children}</div>
      </div>
    </Surface>
  )
}

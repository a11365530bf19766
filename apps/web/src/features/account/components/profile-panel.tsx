import type { UserView } from '@quarry/contracts'
import { useTranslation } from 'react-i18next'
import { ExactTime } from '../../../ui/exact-time.tsx'
import { Facts } from '../../../ui/facts.tsx'
import { Surface } from '../../../ui/surface.tsx'

export function ProfilePanel({ user }: { user: UserView }) {
  const { t } = useTranslation()
  return (
    <Surface title={t('account.profile')}>
      <Facts
        items={[
          [t('account.email'), user.email],
          [t('account.since'), <ExactTime key="since" at={user.createdAt} />],
        ]}
      />
    </Surface>
  )
}

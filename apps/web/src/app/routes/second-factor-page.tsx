import { Button, Stack, Text } from '@mantine/core'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SetUpTotp } from '../../features/account/components/set-up-totp.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Surface } from '../../ui/surface.tsx'
import { useSession } from '../../ui/use-session.ts'
import classes from './columns.module.css'

const route = getRouteApi('/signed-in/account/second-factor')

/** Sets up a second factor and nothing else; whatever needed one leads here, and gets its user back. */
export function SecondFactorPage() {
  const { t } = useTranslation()
  const session = useSession()
  const router = useRouter()
  const { next = '/account' } = route.useSearch()
  const [wasOn] = useState(session.kind === 'signed-in' && session.user.totpEnabled)
  const back = () => router.history.push(next)
  return (
    <div className={classes.narrow}>
      <PageHead title={t('account.totp')} />
      <Surface>
        {wasOn ? (
          <EmptyState
            title={t('account.totpAlready')}
            text={t('account.totpAlreadyText')}
            action={
              <Button renderRoot={(props) => <Link to="/account" {...props} />}>{t('account.totpToAccount')}</Button>
            }
          />
        ) : (
          <Stack gap="md">
            <Text>{t('account.totpWhy')}</Text>
            <SetUpTotp replaces={false} onDone={back} onCancel={back} />
          </Stack>
        )}
      </Surface>
    </div>
  )
}

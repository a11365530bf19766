import { Stack, Title } from '@mantine/core'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { ElsewhereCodeForm } from '../../features/elsewhere/components/elsewhere-code-form.tsx'
import { EntranceWays } from '../../features/elsewhere/components/entrance-ways.tsx'
import { problemOf } from '../../features/elsewhere/components/problem.ts'
import { LoginForm } from '../../features/session/components/login-form.tsx'
import { ErrorNote } from '../../ui/error-note.tsx'
import { Entrance } from '../entrance.tsx'
import classes from '../entrance.module.css'

const route = getRouteApi('/signed-out/login')

export function LoginPage() {
  const { t } = useTranslation()
  const { problem, elsewhere, ...search } = route.useSearch()
  const router = useRouter()
  const goOn = () => router.history.replace(search.next ?? '/orders')
  const entrance = route.useLoaderData()
  useEffect(() => {
    document.title = `${t('session.signInTitle')} · Quarry`
  }, [t])
  return (
    <Entrance>
      <Title order={1} size="h2" mb="md">
        {t(elsewhere === undefined ? 'session.signInTitle' : 'session.codeTitle')}
      </Title>
      {elsewhere === undefined ? (
        <Stack gap="md">
          <ErrorNote error={problemOf(problem)} />
          <LoginForm onSignedIn={goOn} />
          <EntranceWays entrance={entrance} next={search.next} onEntered={goOn} />
        </Stack>
      ) : (
        <ElsewhereCodeForm
          provider={elsewhere}
          onSignedIn={goOn}
          onBack={() => void router.navigate({ to: '/login', search, replace: true })}
        />
      )}
      <p className={classes.switch}>
        <Link to="/forgot">{t('session.forgot')}</Link>
      </p>
      <p className={classes.switch}>
        {t('session.noAccount')}{' '}
        <Link to="/register" search={search}>
          {t('session.register')}
        </Link>
      </p>
    </Entrance>
  )
}

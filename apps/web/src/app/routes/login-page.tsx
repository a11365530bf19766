import { Title } from '@mantine/core'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { LoginForm } from '../../features/session/components/login-form.tsx'
import { Entrance } from '../entrance.tsx'
import classes from '../entrance.module.css'

const route = getRouteApi('/signed-out/login')

export function LoginPage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const router = useRouter()
  useEffect(() => {
    document.title = `${t('session.signInTitle')} · Quarry`
  }, [t])
  return (
    <Entrance>
      <Title order={1} size="h2" mb="md">
        {t('session.signInTitle')}
      </Title>
      <LoginForm onSignedIn={() => router.history.replace(search.next ?? '/orders')} />
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

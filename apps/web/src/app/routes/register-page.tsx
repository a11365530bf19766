import { Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { RegisterForm } from '../../features/session/components/register-form.tsx'
import { Entrance } from '../entrance.tsx'
import classes from '../entrance.module.css'

const route = getRouteApi('/signed-out/register')

export function RegisterPage() {
  const { t } = useTranslation()
  const search = route.useSearch()
  const router = useRouter()
  useEffect(() => {
    document.title = `${t('session.registerTitle')} · Quarry`
  }, [t])
  const toLogin = () => {
    notifications.show({ message: t('session.registered'), autoClose: 10_000 })
    void router.navigate({ to: '/login', search })
  }
  return (
    <Entrance>
      <Title order={1} size="h2" mb="md">
        {t('session.registerTitle')}
      </Title>
      <RegisterForm onSignedIn={() => router.history.replace(search.next ?? '/orders')} onSignInNeeded={toLogin} />
      <p className={classes.switch}>
        {t('session.haveAccount')}{' '}
        <Link to="/login" search={search}>
          {t('session.signIn')}
        </Link>
      </p>
    </Entrance>
  )
}

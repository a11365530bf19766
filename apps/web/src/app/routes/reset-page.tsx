import { Alert, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ResetPasswordForm } from '../../features/session/components/reset-password-form.tsx'
import { Entrance } from '../entrance.tsx'
import classes from '../entrance.module.css'

/** The mailed link leads here. Its token is in the fragment, and leaves the address as soon as it was read. */
export function ResetPage() {
  const { t } = useTranslation()
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '')
  const [done, setDone] = useState(false)
  useEffect(() => {
    document.title = `${t('session.resetTitle')} · Quarry`
    window.history.replaceState(window.history.state, '', window.location.pathname)
  }, [t])
  return (
    <Entrance>
      <Title order={1} size="h2" mb="md">
        {t('session.resetTitle')}
      </Title>
      {done ? (
        <Alert role="status" variant="light" color="green">
          {t('session.resetDone')}
        </Alert>
      ) : (
        <ResetPasswordForm token={token} onDone={() => setDone(true)} />
      )}
      <p className={classes.switch}>
        {done ? <Link to="/login">{t('session.signIn')}</Link> : <Link to="/forgot">{t('session.resetAnother')}</Link>}
      </p>
    </Entrance>
  )
}

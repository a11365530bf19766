import { Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { ForgotPasswordForm } from '../../features/session/components/forgot-password-form.tsx'
import { Entrance } from '../entrance.tsx'
import classes from '../entrance.module.css'

export function ForgotPage() {
  const { t } = useTranslation()
  useEffect(() => {
    document.title = `${t('session.forgotTitle')} · Quarry`
  }, [t])
  return (
    <Entrance>
      <Title order={1} size="h2" mb="md">
        {t('session.forgotTitle')}
      </Title>
      <ForgotPasswordForm />
      <p className={classes.switch}>
        <Link to="/login">{t('session.backToSignIn')}</Link>
      </p>
    </Entrance>
  )
}

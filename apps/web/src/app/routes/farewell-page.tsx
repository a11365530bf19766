import { Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Entrance } from '../entrance.tsx'
import classes from '../entrance.module.css'

/** What somebody sees who has deleted the account. */
export function FarewellPage() {
  const { t } = useTranslation()
  useEffect(() => {
    document.title = `${t('session.farewellTitle')} · Quarry`
  }, [t])
  return (
    <Entrance>
      <Title order={1} size="h2" mb="md">
        {t('session.farewellTitle')}
      </Title>
      <Text role="status">{t('session.farewellText')}</Text>
      <p className={classes.switch}>
        <Link to="/register">{t('session.farewellBack')}</Link>
      </p>
    </Entrance>
  )
}

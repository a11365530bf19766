import { Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { UnsubscribePanel } from '../../features/notifications/components/unsubscribe-panel.tsx'
import { Entrance } from '../entrance.tsx'

const route = getRouteApi('/unsubscribe')

/** Where the link of a mail leads, signed in or not. */
export function UnsubscribePage() {
  const { t } = useTranslation()
  const { token } = route.useSearch()
  useEffect(() => {
    document.title = `${t('notifications.unsubscribeTitle')} · Quarry`
  }, [t])
  return (
    <Entrance>
      <Title order={1} size="h2" mb="md">
        {t('notifications.unsubscribeTitle')}
      </Title>
      {token === undefined ? <Text>{t('notifications.unsubscribeNoToken')}</Text> : <UnsubscribePanel token={token} />}
    </Entrance>
  )
}

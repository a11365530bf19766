import { useTranslation } from 'react-i18next'
import { EndpointList } from '../../features/notifications/components/endpoint-list.tsx'
import { SettingsForm } from '../../features/notifications/components/settings-form.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import classes from './columns.module.css'

export function NotificationsPage() {
  const { t } = useTranslation()
  return (
    <>
      <PageHead title={t('notifications.title')} />
      <div className={classes.columns}>
        <SettingsForm />
        <EndpointList />
      </div>
    </>
  )
}

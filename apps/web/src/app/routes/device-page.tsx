import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DeviceApproval } from '../../features/devices/components/device-approval.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Surface } from '../../ui/surface.tsx'
import classes from './columns.module.css'

const route = getRouteApi('/signed-in/device')

export function DevicePage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { code = '' } = route.useSearch()
  const setUp = () => {
    const next = code === '' ? '/device' : `/device?code=${encodeURIComponent(code)}`
    void navigate({ to: '/account/second-factor', search: { next } })
  }
  return (
    <div className={classes.narrow}>
      <PageHead title={t('devices.title')} />
      <Surface>
        <DeviceApproval key={code} code={code} onSetUp={setUp} />
      </Surface>
    </div>
  )
}

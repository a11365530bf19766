import { Loader } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSession } from '../ui/use-session.ts'

/** Shown while a page or the session is on its way for longer than a blink. */
export function Waiting() {
  const { t } = useTranslation()
  const session = useSession()
  return (
    <div role="status" style={{ display: 'grid', placeItems: 'center', gap: '1rem', padding: '20vh 1rem' }}>
      <Loader size="sm" type="dots" aria-hidden="true" />
      {session.kind === 'unreachable' ? t('app.unreachable') : t('app.loading')}
    </div>
  )
}

import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import classes from './guest-bar.module.css'

/** Says on every page that this is a demo, and leads out of it. */
export function GuestBar({ onLeave }: { onLeave: () => Promise<void> }) {
  const { t } = useTranslation()
  const leave = useMutation({ mutationFn: onLeave })
  return (
    <aside className={classes.bar} aria-label={t('elsewhere.guest')}>
      <div className={classes.inner}>
        <p className={classes.words}>
          <strong>{t('elsewhere.guest')}</strong> {t('elsewhere.guestText')}
        </p>
        <Button size="xs" variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
          {t('elsewhere.guestLeave')}
        </Button>
      </div>
    </aside>
  )
}

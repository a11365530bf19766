import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { liveState, onLiveChange } from './live.ts'
import classes from './shell.module.css'

/** A calm line while the live connection is away. */
export function LiveStatus() {
  const { t } = useTranslation()
  const state = useSyncExternalStore(onLiveChange, liveState)
  return (
    <div role="status" className={classes.live}>
      {state === 'reconnecting' && <p className={classes.notice}>{t('app.reconnecting')}</p>}
    </div>
  )
}

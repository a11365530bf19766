import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { liveState, onLiveChange } from './live.ts'
import classes from './shell.module.css'

/** So long it is said that the connection is back. */
const RECOVERED_MS = 4000

/** A calm line while the live connection is away, and for a moment once it is back. It covers, and moves nothing. */
export function LiveStatus() {
  const { t } = useTranslation()
  const state = useSyncExternalStore(onLiveChange, liveState)
  const recovered = useRecovered(state === 'reconnecting')
  return (
    <div role="status" className={classes.live}>
      {state === 'reconnecting' && <p className={classes.notice}>{t('app.reconnecting')}</p>}
      {recovered && (
        <p className={classes.notice} data-state="recovered">
          {t('app.recovered')}
        </p>
      )}
    </div>
  )
}

/** True for a while after `lost` has ended. */
function useRecovered(lost: boolean): boolean {
  const wasLost = useRef(false)
  const [recovered, setRecovered] = useState(false)
  useEffect(() => {
    const back = wasLost.current && !lost
    wasLost.current = lost
    setRecovered(back)
    if (!back) return
    const timer = setTimeout(() => setRecovered(false), RECOVERED_MS)
    return () => clearTimeout(timer)
  }, [lost])
  return recovered
}

import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Mark } from '../ui/icons.tsx'
import { DisplaySettings } from './display-settings.tsx'
import classes from './entrance.module.css'

/** The frame of the pages before the sign-in. */
export function Entrance({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <DisplaySettings />
      </header>
      <main className={classes.main}>
        <div className={classes.brand}>
          <Mark />
          Quarry
        </div>
        <p className={classes.tagline}>{t('session.tagline')}</p>
        <div className={classes.card}>{children}</div>
      </main>
    </div>
  )
}

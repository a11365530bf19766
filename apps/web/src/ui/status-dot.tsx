import type { ReactNode } from 'react'
import classes from './status-dot.module.css'

export type Tone = 'ok' | 'bad' | 'wait' | 'idle'

/** Words with a coloured dot before them; the colour never says more than the words. */
export function StatusDot({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.status}>
      <span className={classes.dot} data-tone={tone} aria-hidden="true" />
      <span>{children}</span>
    </span>
  )
}

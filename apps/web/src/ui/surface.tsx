import type { ReactNode } from 'react'
import { useId } from 'react'
import classes from './surface.module.css'

interface SurfaceProps {
  /** Where a link to this section leads. */
  readonly id?: string
  readonly title?: string
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** A titled section on its own ground; the title names the region for screen readers. */
export function Surface({ id, title, aside, children }: SurfaceProps) {
  const titleId = useId()
  return (
    <section id={id} className={classes.surface} aria-labelledby={title === undefined ? undefined : titleId}>
      {title !== undefined && (
        <div className={classes.head}>
          <h2 id={titleId} className={classes.title}>
            {title}
          </h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}

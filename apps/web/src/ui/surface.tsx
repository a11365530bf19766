import type { ReactNode } from 'react'
import { useId } from 'react'
import classes from './surface.module.css'

interface SurfaceProps {
  readonly title?: string
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** A titled section on its own ground; the title names the region for screen readers. */
export function Surface({ title, aside, children }: SurfaceProps) {
  const id = useId()
  return (
    <section className={classes.surface} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <div className={classes.head}>
          <h2 id={id} className={classes.title}>
            {title}
          </h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}

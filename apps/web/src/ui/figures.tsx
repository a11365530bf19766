import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './figures.module.css'

export interface Figure {
  readonly label: string
  /** Undefined while it is on its way. */
  readonly value: number | string | undefined
  /** Beside the value, small: a unit, or of how many. */
  readonly unit?: ReactNode
}

/** The few numbers that a page is about, where people look first. */
export function Figures({ items, label }: { items: readonly Figure[]; label: string }) {
  return (
    <dl className={classes.figures} aria-label={label}>
      {items.map(({ label: term, value, unit }) => (
        <div key={term} className={classes.figure}>
          <dt className={classes.label}>{term}</dt>
          <dd className={classes.value}>
            {value === undefined ? <Skeleton h={28} w={72} my={2} /> : value}
            {value !== undefined && unit !== undefined && <span className={classes.unit}> {unit}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

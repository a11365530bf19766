import { Title } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import classes from './page-head.module.css'

/** A page's heading, which also titles the document; actions on the right, on a phone below. */
export function PageHead({ title, lead, actions }: { title: string; lead?: ReactNode; actions?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Quarry`
  }, [title])
  return (
    <div className={classes.head}>
      <div className={classes.words}>
        <Title order={1}>{title}</Title>
        {lead}
      </div>
      {actions}
    </div>
  )
}

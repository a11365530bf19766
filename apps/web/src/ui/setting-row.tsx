import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './setting-row.module.css'

/** One setting of a list: its name, where it stands, and what can be done about it at the right, on a phone below. */
export function SettingRow({ name, action, children }: { name: string; action?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        <Text fw={600}>{name}</Text>
        <Text component="div" c="dimmed">
          {children}
        </Text>
      </div>
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  )
}

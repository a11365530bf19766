import { Checkbox, Stack } from '@mantine/core'
import { Fragment, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from '../ui/dialog.tsx'
import { places } from './places.ts'
import classes from './shortcut-sheet.module.css'
import { onShortcutsChange, setShortcuts, shortcutsOn } from './shortcuts.ts'

/** Every shortcut there is, and the switch that turns them off. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const rows: (readonly [keys: readonly string[], what: string])[] = [
    ...places.flatMap(({ letter, label }) => (letter === undefined ? [] : [[['g', letter], t(label)] as const])),
    [['n'], t('orders.new')],
    [['/'], t('shortcuts.search')],
    [['?'], t('shortcuts.sheet')],
    [['Esc'], t('shortcuts.close')],
  ]
  return (
    <Dialog opened={opened} onClose={onClose} title={t('shortcuts.title')}>
      <Stack gap="lg">
        <dl className={classes.keys}>
          {rows.map(([keys, what]) => (
            <Fragment key={keys.join(' ')}>
              <dt>{what}</dt>
              <dd>
                {keys.map((key, index) => (
                  <Fragment key={key}>
                    {index > 0 && <span className={classes.then}>{t('shortcuts.then')}</span>}
                    <kbd className={classes.key}>{key}</kbd>
                  </Fragment>
                ))}
              </dd>
            </Fragment>
          ))}
        </dl>
        <ShortcutSwitch />
      </Stack>
    </Dialog>
  )
}

/** Turns the single-letter shortcuts on and off. */
export function ShortcutSwitch() {
  const { t } = useTranslation()
  const on = useSyncExternalStore(onShortcutsChange, shortcutsOn)
  return (
    <Checkbox label={t('shortcuts.on')} checked={on} onChange={(event) => setShortcuts(event.currentTarget.checked)} />
  )
}

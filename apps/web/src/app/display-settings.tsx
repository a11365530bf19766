import { ActionIcon } from '@mantine/core'
import { lazy, type ReactNode, Suspense, type ToggleEvent, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SettingsIcon } from '../ui/icons.tsx'
import classes from './display-settings.module.css'

const DisplayChoices = lazy(async () => ({ default: (await import('./display-choices.tsx')).DisplayChoices }))

/**
 * Language and theme, and whatever else belongs to the one who looks, given how to close. The browser's own popover: it closes by Escape or a
 * click beside it and hands the focus back, and nothing of it is loaded before somebody opens it.
 */
export function DisplaySettings({ children }: { children?: (close: () => void) => ReactNode }) {
  const { t } = useTranslation()
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const place = ({ newState, currentTarget }: ToggleEvent<HTMLDivElement>) => {
    if (newState !== 'open' || button.current === null) return
    const { bottom, right } = button.current.getBoundingClientRect()
    currentTarget.style.top = `${bottom + 8}px`
    currentTarget.style.right = `${document.documentElement.clientWidth - right}px`
  }
  const follow = ({ newState, currentTarget }: ToggleEvent<HTMLDivElement>) => {
    setOpen(newState === 'open')
    if (newState === 'open') currentTarget.focus()
  }
  return (
    <>
      <ActionIcon
        ref={button}
        variant="subtle"
        color="gray"
        size={36}
        c="inherit"
        aria-label={t('app.settings')}
        popoverTarget={id}
      >
        <SettingsIcon />
      </ActionIcon>
      <div
        id={id}
        popover="auto"
        role="dialog"
        tabIndex={-1}
        aria-label={t('app.settings')}
        className={classes.panel}
        onBeforeToggle={place}
        onToggle={follow}
      >
        {open && (
          <Suspense>
            <DisplayChoices>{children?.(() => document.getElementById(id)?.hidePopover())}</DisplayChoices>
          </Suspense>
        )}
      </div>
    </>
  )
}

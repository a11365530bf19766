import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { useSession } from '../ui/use-session.ts'
import { onSheetChange, sheetShown, showSheet } from './shortcuts.ts'
import { useShortcuts } from './use-shortcuts.ts'

const ShortcutSheet = lazy(async () => ({ default: (await import('./shortcut-sheet.tsx')).ShortcutSheet }))

/** What stands around every page: the shortcuts, from the moment that somebody is signed in. */
export function Root() {
  const isSignedIn = useSession().kind === 'signed-in'
  return (
    <>
      <Outlet />
      {isSignedIn && <Shortcuts />}
    </>
  )
}

function Shortcuts() {
  useShortcuts()
  const shown = useSyncExternalStore(onSheetChange, sheetShown)
  const [needed, setNeeded] = useState(shown)
  if (shown && !needed) setNeeded(true)
  useEffect(() => {
    // The form signed in by keeps the focus until the page behind it has come, and would swallow the first keys.
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur()
    return () => showSheet(false)
  }, [])
  return (
    needed && (
      <Suspense>
        <ShortcutSheet opened={shown} onClose={() => showSheet(false)} />
      </Suspense>
    )
  )
}

import { useRouter } from '@tanstack/react-router'
import { useEffect, useSyncExternalStore } from 'react'
import { places } from './places.ts'
import { isTaken, onShortcutsChange, type Shortcut, shortcutReader, shortcutsOn, showSheet } from './shortcuts.ts'

/** The page's own search field, when it has one. */
const SEARCH_FIELD = 'main input[type="search"]'

/** Follows the shortcuts while they are on. */
export function useShortcuts(): void {
  const router = useRouter()
  const on = useSyncExternalStore(onShortcutsChange, shortcutsOn)
  useEffect(() => {
    if (!on) return
    const read = shortcutReader()
    const follow = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const modified = event.ctrlKey || event.metaKey || event.altKey
      const shortcut = read({ key: event.key, at: event.timeStamp, modified, taken: isTaken(event.target) })
      if (shortcut === undefined) return
      event.preventDefault()
      void act(shortcut)
    }
    const act = async (shortcut: Shortcut) => {
      if (shortcut.kind === 'sheet') return showSheet(true)
      if (shortcut.kind === 'new-order') return router.navigate({ to: '/orders/new' })
      if (shortcut.kind === 'search') return focusSearch()
      const place = places.find(({ letter }) => letter === shortcut.letter)
      if (place !== undefined) await router.navigate({ to: place.to })
    }
    const focusSearch = async () => {
      if (document.querySelector(SEARCH_FIELD) === null) await router.navigate({ to: '/orders' })
      document.querySelector<HTMLInputElement>(SEARCH_FIELD)?.focus()
    }
    document.addEventListener('keydown', follow)
    return () => document.removeEventListener('keydown', follow)
  }, [on, router])
}

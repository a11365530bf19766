import { useSyncExternalStore } from 'react'

/** What cannot be stored lasts as long as the tab. */
const unstored = new Map<string, boolean>()
const listeners = new Set<() => void>()

function isDismissed(name: string): boolean {
  try {
    return localStorage.getItem(`quarry-${name}`) === 'off'
  } catch {
    return unstored.get(name) ?? false
  }
}

function dismiss(name: string, next: boolean): void {
  try {
    if (next) localStorage.setItem(`quarry-${name}`, 'off')
    else localStorage.removeItem(`quarry-${name}`)
  } catch {
    unstored.set(name, next)
  }
  for (const listener of listeners) listener()
}

function onChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether something was put away in this browser, and how to put it away or fetch it back. */
export function useDismissed(name: string): readonly [dismissed: boolean, dismiss: (next: boolean) => void] {
  return [useSyncExternalStore(onChange, () => isDismissed(name)), (next) => dismiss(name, next)]
}

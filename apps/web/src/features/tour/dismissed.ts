const STORAGE_KEY = 'quarry-first-steps'

let dismissed = read()
const listeners = new Set<() => void>()

function read(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) === 'off'
  } catch {
    return false
  }
}

/** Whether the first steps were put away in this browser. */
export function tourDismissed(): boolean {
  return dismissed
}

export function dismissTour(next: boolean): void {
  dismissed = next
  try {
    if (next) localStorage.setItem(STORAGE_KEY, 'off')
    else localStorage.removeItem(STORAGE_KEY)
  } catch {
    // Without storage the choice lasts as long as the tab.
  }
  for (const listener of listeners) listener()
}

/** Fits `useSyncExternalStore`. */
export function onTourChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

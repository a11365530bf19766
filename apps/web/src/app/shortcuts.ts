/**
 * Keys that lead somewhere. Single letters can be switched off (WCAG 2.1.4), and none counts while somebody types, holds
 * a modifier or works in a dialog.
 */

const STORAGE_KEY = 'quarry-shortcuts'
/** So long after `g` the second letter counts. */
const CHORD_MS = 1500

/** What a key asks for: `go` with the letter after `g`, else the name of the action. */
export type Shortcut =
  | { readonly kind: 'go'; readonly letter: string }
  | { readonly kind: 'new-order' }
  | { readonly kind: 'search' }
  | { readonly kind: 'sheet' }

let on = read()
const listeners = new Set<() => void>()

function read(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) !== 'off'
  } catch {
    return true
  }
}

/** Whether shortcuts are on; they are, until somebody switches them off in this browser. */
export function shortcutsOn(): boolean {
  return on
}

export function setShortcuts(next: boolean): void {
  on = next
  try {
    localStorage.setItem(STORAGE_KEY, next ? 'on' : 'off')
  } catch {
    // Without storage the choice lasts as long as the tab.
  }
  for (const listener of listeners) listener()
}

/** Fits `useSyncExternalStore`. */
export function onShortcutsChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let sheet = false
const sheetListeners = new Set<() => void>()

/** Whether the sheet of shortcuts is shown. */
export function sheetShown(): boolean {
  return sheet
}

export function showSheet(next: boolean): void {
  sheet = next
  for (const listener of sheetListeners) listener()
}

/** Fits `useSyncExternalStore`. */
export function onSheetChange(listener: () => void): () => void {
  sheetListeners.add(listener)
  return () => sheetListeners.delete(listener)
}

/** The parts of a key event that decide. */
export interface PressedKey {
  readonly key: string
  readonly at: number
  readonly modified: boolean
  /** Whether the key belongs to a field, or to a dialog that is open. */
  readonly taken: boolean
}

/** Reads shortcuts out of keys as they come; keeps what was begun with `g`. */
export function shortcutReader(): (pressed: PressedKey) => Shortcut | undefined {
  let begunAt: number | undefined
  return ({ key, at, modified, taken }) => {
    const begun = begunAt !== undefined && at - begunAt <= CHORD_MS
    begunAt = undefined
    if (modified || taken) return undefined
    if (begun && /^[a-z]$/.test(key)) return { kind: 'go', letter: key }
    if (key === 'g') begunAt = at
    if (key === 'n') return { kind: 'new-order' }
    if (key === '/') return { kind: 'search' }
    if (key === '?') return { kind: 'sheet' }
    return undefined
  }
}

const TYPING = 'input, textarea, select, [contenteditable], [role="textbox"], [role="combobox"], [role="listbox"]'
// A closed popover stays in the document.
const DIALOG = '[role="dialog"]:not([popover]), [role="alertdialog"], [role="menu"], :popover-open'

/** Whether a key pressed on `target` is somebody else's. Buttons and links leave letters to us. */
export function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  return target.closest(TYPING) !== null || document.querySelector(DIALOG) !== null
}

import { randomKey } from '../../http/idempotency.ts'

/** A form that was begun: what was typed, and what makes sending it twice one order. */
export interface Draft<T> {
  readonly values: T
  readonly key: string
}

const PREFIX = 'quarry.draft.'

/** What was typed into the form `name` in this tab; undefined when nothing was. Fields of older versions get their defaults. */
export function readDraft<T extends object>(name: string, empty: T): Draft<T> | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null')
    if (typeof kept !== 'object' || kept === null || !('values' in kept) || !('key' in kept)) return undefined
    const { values, key } = kept
    if (typeof values !== 'object' || values === null || typeof key !== 'string') return undefined
    const known = Object.entries(values).filter(([field, value]) => fits(value, empty[field as keyof T]))
    return { values: { ...empty, ...Object.fromEntries(known) }, key }
  } catch {
    return undefined
  }
}

function fits(value: unknown, model: unknown): boolean {
  if (Array.isArray(model)) return Array.isArray(value)
  return typeof value === typeof model || (typeof model === 'number' && value === '')
}

/** Keeps it until the tab is closed. Where storage is off or full, the form works without. */
export function keepDraft(name: string, draft: Draft<object>): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(draft))
  } catch {
    // Nothing to be done: only a reload would show it.
  }
}

export function dropDraft(name: string): void {
  sessionStorage.removeItem(PREFIX + name)
}

export function newDraft<T>(values: T): Draft<T> {
  return { values, key: randomKey() }
}

import type { DataFolder } from './data-folder.ts'

/** What a mining process last said about itself; read by `status`. */
export interface SessionState {
  readonly pid: number
  readonly server: string
  readonly deviceId: string
  readonly startedAt: number
  readonly updatedAt: number
  /** In plain words: mining, idle and why, draining, ended. */
  readonly state: string
  readonly pages: number
  readonly failures: number
  readonly bytes: number
  readonly coins: number
  readonly inHand: number
  readonly waiting: number
  /** Of all sessions of this folder, this one included. */
  readonly total: { readonly pages: number; readonly bytes: number; readonly coins: number }
}

const NAME = 'session.json'

export function writeSession(folder: DataFolder, state: SessionState): void {
  folder.replace(NAME, `${JSON.stringify(state)}\n`)
}

/** The latest session; undefined before the first. */
export function readSession(folder: DataFolder): SessionState | undefined {
  const text = folder.read(NAME)
  if (text === undefined) return undefined
  try {
    const state = JSON.parse(text) as Partial<SessionState> | null
    return typeof state?.pid === 'number' && typeof state.total === 'object' ? (state as SessionState) : undefined
  } catch {
    return undefined
  }
}

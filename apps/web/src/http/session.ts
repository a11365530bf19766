import type { SessionView, UserView } from '@quarry/contracts'
import { asCodedError, errorOfAnswer } from './errors.ts'

/** Who uses this tab. `starting` until the refresh cookie has been tried; `unreachable` while that brings no answer. */
export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'signed-in'; readonly accessToken: string; readonly expiresAt: number; readonly user: UserView }

const REFRESH_AHEAD_MS = 45_000
const RETRY_MS = 3000

let state: SessionState = { kind: 'starting' }
let refreshing: Promise<void> | undefined
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()
const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('quarry-session')
tabs?.addEventListener('message', () => endSession(false))

function become(next: SessionState): void {
  state = next
  for (const listener of listeners) listener()
}

function refreshIn(delayMs: number): void {
  clearTimeout(timer)
  timer = setTimeout(() => void refreshSession(), delayMs)
}

export function sessionState(): SessionState {
  return state
}

/** Calls back after every change; returns how to stop. Fits `useSyncExternalStore`. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Takes over what `login` or `refresh` answered, and renews it before it expires. The token lives in memory only. */
export function startSession(session: SessionView): void {
  become({ kind: 'signed-in', ...session })
  refreshIn(Math.max(5000, session.expiresAt - Date.now() - REFRESH_AHEAD_MS))
}

/** Forgets the token here and, when `everywhere`, in the browser's other tabs. */
export function endSession(everywhere: boolean): void {
  clearTimeout(timer)
  if (everywhere) tabs?.postMessage('signed-out')
  become({ kind: 'signed-out' })
}

/** Changes what is shown of the user until the next refresh brings it from the server. */
export function amendUser(change: Partial<UserView>): void {
  if (state.kind === 'signed-in') become({ ...state, user: { ...state.user, ...change } })
}

/**
 * Trades the refresh cookie for a new access token. Tabs take turns: the cookie is rotated by each refresh, and a server
 * that sees an old one twice ends the session. Calls while one is under way share it. Never throws: `sessionState` tells.
 */
export function refreshSession(): Promise<void> {
  refreshing ??= inTurn(refreshOnce).finally(() => (refreshing = undefined))
  return refreshing
}

async function inTurn(action: () => Promise<void>): Promise<void> {
  // Web Locks exist only in secure contexts.
  if ('locks' in navigator) await navigator.locks.request('quarry-refresh', action)
  else await action()
}

async function refreshOnce(): Promise<void> {
  try {
    const answer = await fetch('/api/v1/auth/refresh', { method: 'POST' })
    const body: unknown = await answer.json().catch(() => undefined)
    if (!answer.ok) throw errorOfAnswer(answer.status, body)
    startSession(body as SessionView)
  } catch (error) {
    if (asCodedError(error).retryable) {
      if (state.kind === 'starting') become({ kind: 'unreachable' })
      refreshIn(asCodedError(error).retryAfterMs ?? RETRY_MS)
    } else {
      endSession(false)
    }
  }
}

/** Resolves once it is known whether somebody is signed in. */
export function sessionKnown(): Promise<SessionState> {
  if (state.kind === 'signed-in' || state.kind === 'signed-out') return Promise.resolve(state)
  if (state.kind === 'starting') void refreshSession()
  return new Promise((resolve) => {
    const stop = onSessionChange(() => {
      if (state.kind !== 'signed-in' && state.kind !== 'signed-out') return
      stop()
      resolve(state)
    })
  })
}

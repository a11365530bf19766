import { useSyncExternalStore } from 'react'
import { onSessionChange, sessionState, type SessionState } from '../http/session.ts'

/** Who is signed in, as it changes. */
export function useSession(): SessionState {
  return useSyncExternalStore(onSessionChange, sessionState)
}

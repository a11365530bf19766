import type { LiveEvent } from '../live.ts'

/** socket.io path of the backend's live updates for the site; signed in by the session cookie or a token. */
export const LIVE_PATH = '/live'

export interface ServerToBrowser {
  /** Something of the signed-in user changed; read it again. */
  event: (event: LiveEvent) => void
}

import { z } from 'zod'
import { PROTOCOL_VERSION } from '../version.ts'
import type { ErrorBody } from '../error-codes.ts'
import type { LiveEvent } from '../live.ts'

/** socket.io path of the backend's live updates for the site; signed in by the session cookie or a token. */
export const LIVE_PATH = '/live'

export interface ServerToBrowser {
  /** Something of the signed-in user changed; read it again. */
  event: (event: LiveEvent) => void
  /** Why the server ends the connection: the session was signed out, or its token has expired. */
  refused: (body: ErrorBody) => void
}

/** The handshake's `auth` of a browser. */
export const browserHelloSchema = z.object({ protocol: z.int().default(PROTOCOL_VERSION), token: z.string().max(4096) })
export type BrowserHello = z.infer<typeof browserHelloSchema>

import type { IncomingHttpHeaders } from 'node:http'

/** Of a request, what auth's edge reads; the cookies are parsed by the kernel. */
export interface WebRequest {
  readonly headers: IncomingHttpHeaders
  readonly cookies: Readonly<Record<string, string | undefined>>
}

export interface CookieOptions {
  readonly path: string
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: 'strict' | 'lax'
  readonly maxAge?: number
}

/** Of a reply, what auth's edge sets. */
export interface WebReply {
  setCookie(name: string, value: string, options: CookieOptions): unknown
  clearCookie(name: string, options: CookieOptions): unknown
}

import type { Clock } from '@quarry/domain'
import { DEVICE_LIFE_MS } from '../application/device-tokens.ts'
import type { SignedIn } from '../application/sign-in.ts'
import type { OpenSession } from '../application/sessions.ts'
import type { CookieOptions, WebReply, WebRequest } from './web-message.ts'

/**
 * The cookies of a browser: its session's refresh token, the mark that it has signed in before, and, while nobody has,
 * that a guest looks around, which lasts as long as the browser is open. None can be read by scripts, set by a neighbouring host, or sent by another site.
 */
export class AuthCookies {
  readonly #clock: Clock
  readonly #sessionName: string
  readonly #deviceName: string
  readonly #guestName: string
  readonly #options: CookieOptions

  constructor(clock: Clock, settings: { readonly secure: boolean }) {
    const prefix = settings.secure ? '__Host-' : ''
    this.#clock = clock
    this.#sessionName = `${prefix}quarry-session`
    this.#deviceName = `${prefix}quarry-device`
    this.#guestName = `${prefix}quarry-guest`
    this.#options = { path: '/', httpOnly: true, secure: settings.secure, sameSite: 'strict' }
  }

  refreshToken(request: WebRequest): string | undefined {
    return request.cookies[this.#sessionName]
  }

  deviceToken(request: WebRequest): string | undefined {
    return request.cookies[this.#deviceName]
  }

  isGuest(request: WebRequest): boolean {
    return request.cookies[this.#guestName] !== undefined
  }

  setGuest(reply: WebReply): void {
    reply.setCookie(this.#guestName, '1', this.#options)
  }

  /** Whoever signs in is no guest any more. */
  setSession(reply: WebReply, session: OpenSession): void {
    const maxAge = Math.max(0, Math.floor((session.refreshUntil - this.#clock.now()) / 1000))
    reply.setCookie(this.#sessionName, session.refreshToken, { ...this.#options, maxAge })
  }

  setDevice(reply: WebReply, signedIn: SignedIn): void {
    reply.setCookie(this.#deviceName, signedIn.deviceToken, { ...this.#options, maxAge: DEVICE_LIFE_MS / 1000 })
  }

  clearSession(reply: WebReply): void {
    reply.clearCookie(this.#sessionName, this.#options)
    reply.clearCookie(this.#guestName, this.#options)
  }
}

/**
 * Whether cookies are Secure and named `__Host-`: always, but in development under a plain http address that is not this
 * machine's own. (Browsers take Secure cookies of http://localhost and http://127.0.0.1.)
 */
export function cookiesAreSecure(environment: string, publicUrl: string | undefined): boolean {
  if (environment === 'production' || publicUrl === undefined) return true
  const { protocol, hostname } = new URL(publicUrl)
  return protocol === 'https:' || /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

import { ELSEWHERE_LIFE_MS } from '../application/sign-in-elsewhere.ts'
import type { CookieOptions, WebReply, WebRequest } from './web-message.ts'

const MAX_AGE = ELSEWHERE_LIFE_MS / 1000

/**
 * What a browser keeps while it is at another provider, and while something is missing afterwards. The first must come
 * along when that provider sends the browser back (`Lax`); both are sealed.
 */
export class ElsewhereCookies {
  readonly #flowName: string
  readonly #pendingName: string
  readonly #options: Omit<CookieOptions, 'sameSite'>

  constructor(settings: { readonly secure: boolean }) {
    const prefix = settings.secure ? '__Host-' : ''
    this.#flowName = `${prefix}quarry-elsewhere`
    this.#pendingName = `${prefix}quarry-vouched`
    this.#options = { path: '/', httpOnly: true, secure: settings.secure }
  }

  flow(request: WebRequest): string | undefined {
    return request.cookies[this.#flowName]
  }

  pending(request: WebRequest): string | undefined {
    return request.cookies[this.#pendingName]
  }

  setFlow(reply: WebReply, sealed: string): void {
    reply.setCookie(this.#flowName, sealed, { ...this.#options, sameSite: 'lax', maxAge: MAX_AGE })
  }

  setPending(reply: WebReply, sealed: string): void {
    reply.setCookie(this.#pendingName, sealed, { ...this.#options, sameSite: 'strict', maxAge: MAX_AGE })
  }

  clearFlow(reply: WebReply): void {
    reply.clearCookie(this.#flowName, { ...this.#options, sameSite: 'lax' })
  }

  clearPending(reply: WebReply): void {
    reply.clearCookie(this.#pendingName, { ...this.#options, sameSite: 'strict' })
  }
}

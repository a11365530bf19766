/** Remembers the cookies of one server (a load balancer's sticky cookie) from one connection to the next; no expiry, no paths. */
export class CookieJar {
  readonly #cookies = new Map<string, string>()

  /** Takes the `Set-Cookie` headers of an answer. An empty value deletes the cookie. */
  keep(setCookies: readonly string[]): void {
    for (const header of setCookies) {
      const match = /^\s*([^=;\s]{1,100})=([^;]{0,2000})/.exec(header)
      if (!match) continue
      const [, name = '', value = ''] = match
      if (value.trim()) this.#cookies.set(name, value.trim())
      else this.#cookies.delete(name)
      if (this.#cookies.size > 20) this.#cookies.delete(this.#cookies.keys().next().value ?? '')
    }
  }

  /** The `Cookie` header; undefined when there is nothing to send. */
  header(): string | undefined {
    if (this.#cookies.size === 0) return undefined
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

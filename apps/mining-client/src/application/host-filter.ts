/** Host patterns of the miner's owner: `example.com` is that host and all below it, `*.example.com` only those below. */
export class HostFilter {
  readonly #allow: readonly string[]
  readonly #deny: readonly string[]

  constructor(rules: { allow: readonly string[]; deny: readonly string[] }) {
    this.#allow = rules.allow.map(normalized)
    this.#deny = rules.deny.map(normalized)
  }

  get excludesAnything(): boolean {
    return this.#allow.length > 0 || this.#deny.length > 0
  }

  /** With allowed patterns only those pass; a denied one never does. */
  admits(hostname: string): boolean {
    const host = normalized(hostname)
    if (this.#deny.some((pattern) => matches(pattern, host))) return false
    return this.#allow.length === 0 || this.#allow.some((pattern) => matches(pattern, host))
  }
}

/** Whether a text can be a pattern. */
export function isHostPattern(text: string): boolean {
  return /^(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u.test(text) || /^\[?[0-9a-fA-F:.]+\]?$/.test(text)
}

function normalized(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[|\]$/g, '')
}

function matches(pattern: string, host: string): boolean {
  if (pattern.startsWith('*.')) return host.endsWith(pattern.slice(1))
  return host === pattern || host.endsWith(`.${pattern}`)
}

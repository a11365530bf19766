import type { Logger } from 'pino'

/** Gives every address of a host name; none when it has none. Throws when it cannot be asked. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** The part of Traefik's dynamic configuration that this service changes; all else goes through as it is. */
export interface DynamicConfig {
  readonly http: {
    readonly services: Readonly<Record<string, { readonly loadBalancer: LoadBalancer }>>
    readonly [other: string]: unknown
  }
}

interface LoadBalancer {
  readonly servers: readonly { readonly url: string }[]
  readonly [other: string]: unknown
}

/**
 * Traefik's rules with one server for each instance of a service: the template names a service once, DNS knows how many
 * there are now. A sticky cookie then holds on to one instance. When DNS cannot be asked, what it said last still counts.
 */
export class SpreadServers {
  readonly #template: DynamicConfig
  readonly #resolve: Resolve
  readonly #logger: Pick<Logger, 'warn'>
  readonly #known = new Map<string, readonly string[]>()

  constructor(template: DynamicConfig, deps: { resolve: Resolve; logger: Pick<Logger, 'warn'> }) {
    this.#template = template
    this.#resolve = deps.resolve
    this.#logger = deps.logger
  }

  /** The whole configuration as it is now. */
  async run(): Promise<DynamicConfig> {
    const { http, ...rest } = this.#template
    const services = await Promise.all(
      Object.entries(http.services).map(async ([name, { loadBalancer, ...others }]) => {
        const servers = await Promise.all(loadBalancer.servers.map(({ url }) => this.#instances(url)))
        return [name, { ...others, loadBalancer: { ...loadBalancer, servers: servers.flat() } }] as const
      }),
    )
    return { ...rest, http: { ...http, services: Object.fromEntries(services) } }
  }

  /** Sorted, so that nothing changes for Traefik when only the order of DNS's answer does. */
  async #instances(url: string): Promise<readonly { readonly url: string }[]> {
    const { protocol, hostname, port } = new URL(url)
    const addresses = await this.#addressesOf(hostname)
    return addresses
      .toSorted()
      .map((address) => ({ url: `${protocol}//${address.includes(':') ? `[${address}]` : address}:${port}` }))
  }

  async #addressesOf(host: string): Promise<readonly string[]> {
    try {
      const addresses = await this.#resolve(host)
      this.#known.set(host, addresses)
      return addresses
    } catch (err) {
      this.#logger.warn({ err, host }, 'DNS cannot be asked, the addresses known before still count')
      return this.#known.get(host) ?? []
    }
  }
}

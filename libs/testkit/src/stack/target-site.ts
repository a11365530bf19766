import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostilePage, targetPages, type TargetPage } from './target-pages.ts'

/** One request that the site got; `at` in milliseconds of the monotonic clock. */
export interface Hit {
  readonly path: string
  readonly query: string
  readonly at: number
}

export interface TargetSiteOptions {
  /** The text of robots.txt. */
  readonly robots?: string
  /** Where `/hostile` reaches out to instead of the site's own `/beacon`. */
  readonly beacon?: string
}

const ROBOTS = 'User-agent: *\nDisallow: /private/\n'
const DRIP_MS = 500
const ENDLESS_CHUNK = Buffer.alloc(64 * 1024, 'endless ')

type Handler = (visit: { parts: string[]; query: URLSearchParams; nth: number; response: ServerResponse }) => void

/**
 * A web site on loopback with the ways in which real ones are awkward, and a log of who asked for what and when. Beside
 * `targetPages`:
 * - `/hops/3` redirects three times and ends at `/page`, `/loop` for ever, `/to?url=…` wherever it is told;
 * - `/status/503?after=2` always says 503, with that `Retry-After` in seconds;
 * - `/busy/429/2?key=a` says 429 for the first two visits with that key, then answers, with `Retry-After: 1`;
 * - `/slow?ms=300` waits before its first byte, `/silent` never answers, `/drip` sends a byte twice a second for ever;
 * - `/cut` breaks off within its body, `/reset` before a byte, `/endless` never ends, `/changing` differs at every visit;
 * - `/hostile` tries everything to get out of a preview; what succeeds asks for `/beacon`.
 */
export class TargetSite {
  readonly hits: Hit[] = []
  readonly #server: Server
  readonly #robots: string
  readonly #beacon: string | undefined
  readonly #visits = new Map<string, number>()
  readonly #timers = new Set<NodeJS.Timeout>()

  private constructor(options: TargetSiteOptions) {
    this.#robots = options.robots ?? ROBOTS
    this.#beacon = options.beacon
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async start(options: TargetSiteOptions = {}): Promise<TargetSite> {
    const site = new TargetSite(options)
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve))
    return site
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `http://${this.host}`
  }

  /** How often a path was asked for, whatever the query. */
  count(path: string): number {
    return this.hits.filter((hit) => hit.path === path).length
  }

  /** The least time between any two requests in a row, in milliseconds; Infinity when there were fewer than two. */
  smallestGapMs(hits: readonly Hit[] = this.hits): number {
    return Math.min(...hits.slice(1).map((hit, index) => hit.at - hits[index]!.at))
  }

  /** The page at a path of `targetPages`, and the hostile one. */
  page(path: string): TargetPage {
    const page = path === '/hostile' ? hostilePage(this.#beacon ?? `${this.url}/beacon`) : targetPages[path]
    if (!page) throw new Error(`${path} is no page of the target site`)
    return page
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path, searchParams: query, search } = new URL(request.url ?? '/', this.url)
    this.hits.push({ path, query: search, at: performance.now() })
    if (path === '/robots.txt')
      return send(response, { bytes: Buffer.from(this.#robots), headers: { 'content-type': 'text/plain' } })
    if (path === '/hostile' || targetPages[path]) return this.#sendPage(request, response, this.page(path))
    const [, kind = '', ...parts] = path.split('/')
    const key = path + search
    const nth = this.#visits.get(key) ?? 0
    this.#visits.set(key, nth + 1)
    const handler = this.#handlers[kind]
    if (handler) return handler({ parts, query, nth, response })
    send(response, { bytes: Buffer.from('nothing here'), headers: { 'content-type': 'text/plain' }, status: 404 })
  }

  #sendPage(request: IncomingMessage, response: ServerResponse, page: TargetPage): void {
    const { etag } = page.headers
    if (etag !== undefined && request.headers['if-none-match'] === etag)
      return void response.writeHead(304, { etag }).end()
    send(response, page)
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    hops: ({ parts, response }) => {
      const left = Number(parts[0])
      response.writeHead(302, { location: left > 1 ? `/hops/${left - 1}` : '/page' }).end('moved')
    },
    loop: ({ nth, response }) => void response.writeHead(302, { location: `/loop?${nth}` }).end(),
    to: ({ query, response }) => void response.writeHead(302, { location: query.get('url') ?? '/' }).end(),
    status: ({ parts, query, response }) => {
      const after = query.get('after')
      response.writeHead(Number(parts[0]), after === null ? {} : { 'retry-after': after }).end('a status page')
    },
    busy: ({ parts, nth, response }) => {
      if (nth >= Number(parts[1])) return send(response, targetPages['/page']!)
      response.writeHead(Number(parts[0]), { 'retry-after': '1' }).end('later, please')
    },
    slow: ({ query, response }) => this.#later(Number(query.get('ms')), () => send(response, targetPages['/page']!)),
    silent: () => undefined,
    drip: ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      this.#every(DRIP_MS, response, () => response.write('.'))
    },
    cut: ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': '5000' })
      response.write('only this much', () => response.destroy())
    },
    reset: ({ response }) => void response.socket?.resetAndDestroy(),
    endless: ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const more = () => {
        if (!response.destroyed && response.write(ENDLESS_CHUNK)) setImmediate(more)
      }
      response.on('drain', more)
      more()
    },
    changing: ({ parts, nth, response }) =>
      send(response, {
        bytes: Buffer.from(`visit ${nth} of ${parts.join('/')}\n`),
        headers: { 'content-type': 'text/plain' },
      }),
    beacon: ({ response }) => void response.writeHead(204, { 'access-control-allow-origin': '*' }).end(),
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, delayMs)
    this.#timers.add(timer)
  }

  #every(periodMs: number, response: ServerResponse, action: () => void): void {
    const timer = setInterval(action, periodMs)
    this.#timers.add(timer)
    response.on('close', () => {
      clearInterval(timer)
      this.#timers.delete(timer)
    })
  }
}

function send(response: ServerResponse, page: TargetPage): void {
  const body = page.sent ?? page.bytes
  const status = page.status ?? 200
  const length = status === 204 ? {} : { 'content-length': String(body.byteLength) }
  response.writeHead(status, { ...page.headers, ...length }).end(body)
}

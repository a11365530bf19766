import type { Clock, FailureOutcome } from '@quarry/domain'
import { setImmediate } from 'node:timers/promises'
import type { BodyLimits } from './decoding/body-reader.ts'
import type { LargeBodies } from './decoding/large-bodies.ts'
import { FetchFailure, failureOf, failureOfError } from './failures.ts'
import type { FetchLimits, FetchRequest, FetchResult, HostReport } from './fetch-types.ts'
import type { Exchanged, ExchangeOptions } from './http/exchange.ts'
import { AbortedByCaller, FetchScope } from './http/fetch-scope.ts'
import type { Followed } from './http/follow-redirects.ts'
import { followRedirects, isRedirect } from './http/follow-redirects.ts'
import { headerOf } from './http/header-pairs.ts'
import type { HttpClient } from './http/http-client.ts'
import { retryAfterMsOf } from './http/retry-after.ts'
import { isRobotsFile, loadRobots, MAX_ROBOTS_BYTES } from './robots/load-robots.ts'
import { isAllowed } from './robots/parse-robots.ts'
import type { RobotsAnswer, RobotsCache } from './robots/robots-cache.ts'
import { PRODUCT_TOKEN } from './user-agent.ts'

/** What all fetches of a fetcher share. */
export interface FetchTools {
  readonly client: HttpClient
  readonly robots: RobotsCache
  readonly largeBodies: LargeBodies
  readonly limits: FetchLimits
  readonly clock: Clock
}

/** One page's way: each URL is checked, its site's robots.txt asked, the host's gap kept, then the page itself read. */
export class PageFetch {
  readonly #tools: FetchTools
  readonly #request: FetchRequest
  readonly #scope: FetchScope
  readonly #options: ExchangeOptions
  /** Hosts asked so far, as often as they were; undefined until the first request. */
  readonly #requests = new Map<string, number>()
  #crawlDelayMs: number | undefined
  #ownHost = ''

  constructor(tools: FetchTools, request: FetchRequest) {
    this.#tools = tools
    this.#request = request
    this.#scope = new FetchScope(tools.limits.totalMs, request.signal)
    const maxBytes = Math.min(request.maxBodyBytes ?? Infinity, tools.limits.maxBodyBytes)
    this.#options = exchangeOptions(tools, { maxBytes, overflow: 'fail' }, isPage)
  }

  async run(): Promise<FetchResult> {
    try {
      if (!URL.canParse(this.#request.url)) {
        throw new FetchFailure(failureOf('address_forbidden', 'The address is not a valid URL.'))
      }
      const start = new URL(this.#request.url)
      start.hash = ''
      this.#ownHost = start.host
      const { maxRedirects } = this.#tools.limits
      return this.#resultOf(await followRedirects(start, maxRedirects, (url) => this.#ask(url, url !== start)))
    } catch (error) {
      if (error instanceof AbortedByCaller) throw error.reason
      return { kind: 'failure', failure: failureOfError(error, false), host: this.#hostReport() }
    } finally {
      this.#scope.end()
    }
  }

  async #ask(url: URL, isRedirected: boolean): Promise<Exchanged> {
    const { client } = this.#tools
    client.check(url, isRedirected)
    const answer = this.#tools.robots.get(url.origin) ?? (await this.#loadRobots(url.origin))
    if (answer.kind === 'closed') throw new FetchFailure(answer.failure)
    if (url.host === this.#ownHost) this.#crawlDelayMs = answer.rules.crawlDelayMs
    if (!isAllowed(answer.rules, url.pathname + url.search)) {
      throw new FetchFailure(failureOf('robots_forbidden', "The site's robots.txt does not allow this page."))
    }
    if (this.#requests.size > 0) await this.#keepGap(url)
    this.#count(url)
    return client.get(url, this.#options, this.#scope)
  }

  /** The load has a lifetime of its own, as other fetches of the site may be waiting for the same one. */
  #loadRobots(origin: string): Promise<RobotsAnswer> {
    const { client, robots, limits, clock } = this.#tools
    const options = exchangeOptions(this.#tools, { maxBytes: MAX_ROBOTS_BYTES, overflow: 'cut' }, isRobotsFile)
    const load = async () => {
      const scope = new FetchScope(limits.firstByteMs + limits.totalMs / 4)
      let asked = 0
      const ask = async (url: URL) => {
        client.check(url, asked > 0)
        if (asked > 0) await this.#keepGap(url, scope)
        asked += 1
        this.#count(url)
        return client.get(url, options, scope)
      }
      try {
        return await loadRobots({
          origin,
          productToken: PRODUCT_TOKEN,
          maxRedirects: limits.maxRedirects,
          ask,
          now: () => clock.now(),
        })
      } finally {
        scope.end()
      }
    }
    return this.#scope.join(robots.load(origin, load))
  }

  /** Waits the host's gap when this fetch has asked the host before. */
  async #keepGap(url: URL, scope: FetchScope = this.#scope): Promise<void> {
    if (!this.#requests.has(url.host)) return
    const { hostGapMs } = this.#request
    if (hostGapMs > 0) await scope.wait(this.#tools.clock, hostGapMs)
    // The connection of the answer just read is free again after one turn of the event loop.
    else await setImmediate()
  }

  #count(url: URL): void {
    this.#requests.set(url.host, (this.#requests.get(url.host) ?? 0) + 1)
  }

  #resultOf({ url, redirects, answer }: Followed): FetchResult {
    const { status, headers, body, firstByteAt } = answer
    if (!isPage(status)) {
      return { kind: 'failure', failure: refusalOf(answer, this.#tools.clock.now()), host: this.#hostReport() }
    }
    const { startedAt } = this.#scope
    const timings = { firstByteMs: firstByteAt - startedAt, totalMs: performance.now() - startedAt }
    return {
      kind: 'page',
      page: { kind: 'page', status, finalUrl: url.href, redirects, headers, timings },
      body,
      host: this.#hostReport(),
    }
  }

  #hostReport(): HostReport {
    const extraRequests = Math.max(0, (this.#requests.get(this.#ownHost) ?? 0) - 1)
    return this.#crawlDelayMs === undefined ? { extraRequests } : { crawlDelayMs: this.#crawlDelayMs, extraRequests }
  }
}

/** Whether a status brings a page to the customer, whatever it says; redirects and refusals do not. */
function isPage(status: number): boolean {
  return status >= 200 && status < 500 && status !== 429 && !isRedirect(status)
}

function refusalOf({ status, headers }: Exchanged, now: number): FailureOutcome {
  const retryAfterMs = retryAfterMsOf(headerOf(headers, 'retry-after'), now)
  const more = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  return status === 429
    ? failureOf('rate_limited', 'The site asks for fewer requests (status 429).', more)
    : failureOf('server_error', `The site failed to answer properly (status ${status}).`, more)
}

function exchangeOptions(
  tools: FetchTools,
  body: Pick<BodyLimits, 'maxBytes' | 'overflow'>,
  wantsBody: (status: number) => boolean,
): ExchangeOptions {
  const { firstByteMs, smallBodyBytes } = tools.limits
  return { firstByteMs, body: { ...body, smallBodyBytes, largeBodies: tools.largeBodies }, wantsBody }
}

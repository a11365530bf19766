import type { Clock } from '@quarry/domain'
import { Agent } from 'undici'
import type { Fetcher, FetcherOptions, FetchLimits, FetchRequest, FetchResult } from './fetch-types.ts'
import { guardedConnector } from './guard/guarded-connector.ts'
import { systemLookup } from './guard/system-lookup.ts'
import { LargeBodies } from './decoding/large-bodies.ts'
import { HttpClient } from './http/http-client.ts'
import { PageFetch } from './page-fetch.ts'
import type { FetchTools } from './page-fetch.ts'
import { RobotsCache } from './robots/robots-cache.ts'
import { userAgentOf } from './user-agent.ts'

/** The limits of a fetcher that says nothing else. */
export const DEFAULT_LIMITS: FetchLimits = {
  firstByteMs: 10_000,
  totalMs: 30_000,
  maxBodyBytes: 10 * 1024 * 1024,
  maxHeaderBytes: 64 * 1024,
  maxRedirects: 5,
  largeBodies: 6,
  smallBodyBytes: 256 * 1024,
}

/** Connections kept to one origin at most; further requests wait for one of them. */
const MAX_CONNECTIONS_PER_ORIGIN = 256

/** Makes a fetcher; `close` it in the end. */
export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const policy = { allow: options.allow, ...(options.ports === undefined ? {} : { ports: options.ports }) }
  const clock = options.clock ?? machineClock
  const agent = new Agent({
    connect: guardedConnector({
      policy,
      lookup: options.lookup ?? systemLookup,
      connectMs: limits.firstByteMs,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    }),
    connections: MAX_CONNECTIONS_PER_ORIGIN,
    maxHeaderSize: limits.maxHeaderBytes,
    // Each exchange has its own timers, which also count the connecting.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const tools: FetchTools = {
    client: new HttpClient(agent, policy, options.userAgent ?? userAgentOf()),
    robots: new RobotsCache(() => clock.now()),
    largeBodies: new LargeBodies(limits.largeBodies),
    limits,
    clock,
  }
  return {
    fetch: (request: FetchRequest): Promise<FetchResult> => new PageFetch(tools, request).run(),
    close: () => agent.destroy(),
  }
}

const machineClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}

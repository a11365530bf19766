import type { FailureReason } from '@quarry/domain'
import { failureOf, failureOfError } from '../failures.ts'
import type { Exchanged } from '../http/exchange.ts'
import { followRedirects } from '../http/follow-redirects.ts'
import { headerOf } from '../http/header-pairs.ts'
import { retryAfterMsOf } from '../http/retry-after.ts'
import { ALLOW_ALL, parseRobots } from './parse-robots.ts'
import type { RobotsAnswer } from './robots-cache.ts'

/** What RFC 9309 asks a crawler to read at least; the rest is not looked at. */
export const MAX_ROBOTS_BYTES = 500 * 1024

/** Whether a robots.txt's answer has a body worth reading. */
export function isRobotsFile(status: number): boolean {
  return status >= 200 && status < 300
}

/** How a robots.txt is asked for; each URL must be checked as if it were the first. */
export interface RobotsRequest {
  readonly origin: string
  readonly productToken: string
  readonly maxRedirects: number
  readonly ask: (url: URL) => Promise<Exchanged>
  /** Wall clock, for a `Retry-After` that is a date. */
  readonly now: () => number
}

/**
 * Reads a site's robots.txt. A missing one (4xx, or lost in redirects) allows everything; one that cannot be had (5xx,
 * network) closes the site, with the reason that the page itself would have failed for, so that it is tried again.
 * Never rejects.
 */
export async function loadRobots(request: RobotsRequest): Promise<RobotsAnswer> {
  try {
    const { answer } = await followRedirects(new URL('/robots.txt', request.origin), request.maxRedirects, request.ask)
    return answerOf(answer, request)
  } catch (error) {
    const failure = failureOfError(error, false)
    if (failure.reason === 'too_many_redirects' || failure.reason === 'bad_redirect') return OPEN
    if (OF_THE_WHOLE_HOST.has(failure.reason)) return { kind: 'closed', failure }
    return { kind: 'closed', failure: { ...failure, detail: `robots.txt could not be read. ${failure.detail}` } }
  }
}

/** Failures that the page itself would have met in the same way. */
const OF_THE_WHOLE_HOST: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'address_forbidden',
  'dns_failed',
  'connection_failed',
  'tls_failed',
])

const OPEN: RobotsAnswer = { kind: 'rules', rules: ALLOW_ALL }

function answerOf({ status, headers, body }: Exchanged, { productToken, now }: RobotsRequest): RobotsAnswer {
  if (isRobotsFile(status)) {
    return { kind: 'rules', rules: parseRobots(new TextDecoder().decode(body), productToken) }
  }
  const retryAfterMs = retryAfterMsOf(headerOf(headers, 'retry-after'), now())
  const more = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  if (status === 429) {
    return { kind: 'closed', failure: failureOf('rate_limited', 'The site asks for fewer requests.', more) }
  }
  if (status < 500) return OPEN
  const detail = `The site's robots.txt could not be read (status ${status}), so nothing of it may be fetched for now.`
  return { kind: 'closed', failure: failureOf('robots_forbidden', detail, more) }
}

import type { AllowedPorts, AllowList, Clock, FailureOutcome, PageOutcome } from '@quarry/domain'
import type { LookupAddress } from 'node:dns'

/** One page to fetch. */
export interface FetchRequest {
  readonly url: string
  /** Least time between two requests of this fetch to one host (robots.txt, redirects); 0 waits for nothing. */
  readonly hostGapMs: number
  /** Most bytes of the body after transfer decoding; the fetcher's own limit also holds. */
  readonly maxBodyBytes?: number
  /** Aborting ends the connection and rejects the fetch with the signal's reason. */
  readonly signal?: AbortSignal
}

/** A page outcome whose body has not been encoded for the way yet: add `content` of `encodeBody` to complete it. */
export type FetchedPage = Omit<PageOutcome, 'content'>

/** What a fetch taught about the URL's own host; the shape of the contract's `hostReportSchema`. */
export interface HostReport {
  /** The site's wish of robots.txt, for our agent. */
  readonly crawlDelayMs?: number
  /** Requests sent to the URL's host beyond the first: robots.txt when it was really fetched, redirects on the host. */
  readonly extraRequests: number
}

/** `body` is the page after transfer decoding, byte for byte; it may be a view into a larger buffer. */
export type FetchResult =
  | { readonly kind: 'page'; readonly page: FetchedPage; readonly body: Uint8Array; readonly host: HostReport }
  | { readonly kind: 'failure'; readonly failure: FailureOutcome; readonly host: HostReport }

/** Resolves a name to all its addresses; rejects with the error of `node:dns` (`code` ENOTFOUND and the like). */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>

/** Bounds of every fetch. */
export interface FetchLimits {
  /** From the beginning of a request until its response headers are complete, connecting included. */
  readonly firstByteMs: number
  /** The whole fetch: robots.txt, redirects, waits and body. */
  readonly totalMs: number
  /** Most bytes of a body after transfer decoding. */
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly maxRedirects: number
  /** Bodies that may be larger than `smallBodyBytes` at the same time; others wait, so that memory stays bounded. */
  readonly largeBodies: number
  /** Until here a body needs no turn among the large ones. */
  readonly smallBodyBytes: number
}

export interface FetcherOptions {
  /** Addresses outside the public internet that may be reached all the same, and on any port. */
  readonly allow: AllowList
  /** Ports beside 80 and 443 that public hosts may be asked on; none when unset. */
  readonly ports?: AllowedPorts
  /** The whole `User-Agent` header; `userAgentOf(contactUrl)` makes ours. */
  readonly userAgent?: string
  /** Name resolution; the operating system's when unset. */
  readonly lookup?: Lookup
  readonly limits?: Partial<FetchLimits>
  /** Time for the host gap and for the age of a cached robots.txt; the machine's when unset. Limits use real timers. */
  readonly clock?: Clock
  /** Certificates trusted instead of the public ones, in PEM. */
  readonly ca?: string
}

/** Fetches pages for jobs: address guard, robots.txt, redirects, limits and transfer decoding in one call. */
export interface Fetcher {
  /**
   * Fetches one page. Whatever the site does is a result; it rejects only with the reason of the request's own signal.
   * Any number may run at once; connections to a host are kept and used again.
   */
  fetch(request: FetchRequest): Promise<FetchResult>
  /** Ends all connections; fetches under way fail with `connection_failed`. */
  close(): Promise<void>
}

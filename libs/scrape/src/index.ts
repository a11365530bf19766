export { createFetcher, DEFAULT_LIMITS } from './fetcher.ts'
export type {
  FetchedPage,
  FetcherOptions,
  Fetcher,
  FetchLimits,
  FetchRequest,
  FetchResult,
  HostReport,
  Lookup,
} from './fetch-types.ts'
export { decodeBody, encodeBody } from './body-encoding.ts'
export type { BodyMismatch, EncodedBody } from './body-encoding.ts'
export { createPoster } from './poster.ts'
export type { PostAnswer, Poster, PosterOptions, PostRequest } from './poster.ts'
export { RecentBodies } from './recent-bodies.ts'
export { isAllowed, parseRobots } from './robots/parse-robots.ts'
export type { RobotsRules } from './robots/parse-robots.ts'
export { DEFAULT_CONTACT_URL, PRODUCT_TOKEN, userAgentOf } from './user-agent.ts'

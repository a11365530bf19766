import type { Fetcher, FetcherOptions, FetchLimits } from './fetch-types.ts'

export const DEFAULT_LIMITS: FetchLimits = {
  firstByteMs: 10_000,
  totalMs: 30_000,
  maxBodyBytes: 10 * 1024 * 1024,
  maxHeaderBytes: 64 * 1024,
  maxRedirects: 5,
  largeBodies: 6,
  smallBodyBytes: 256 * 1024,
}

/** Makes a fetcher; `close` it in the end. */
export function createFetcher(options: FetcherOptions): Fetcher {
  void options
  throw new Error('under construction')
}

import { checkTarget, err, ok, type AllowList, type Result } from '@quarry/domain'
import { Agent } from 'undici'
import type { Lookup } from './fetch-types.ts'
import { failureOfError } from './failures.ts'
import { guardedConnector } from './guard/guarded-connector.ts'
import { systemLookup } from './guard/system-lookup.ts'
import { retryAfterMsOf } from './http/retry-after.ts'

/** A message to an address that a customer named. */
export interface PostRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What came back: a status, or words on why none did. The words name no address. */
export interface PostAnswer {
  readonly durationMs: number
  readonly status?: number
  readonly retryAfterMs?: number
  readonly error?: string
}

export interface PosterOptions {
  /** Addresses outside the public internet that may be reached all the same, and on any port. */
  readonly allow: AllowList
  /** Whether http may be used as well as https. */
  readonly http: boolean
  readonly userAgent: string
  /** From the beginning, connecting included, until the answer's headers are there. */
  readonly totalMs?: number
  /** Wall clock, for a `Retry-After` that is a date. */
  readonly now: () => number
  /** Name resolution; the operating system's when unset. */
  readonly lookup?: Lookup
}

/** Sends JSON to addresses of strangers: the address guard holds, redirects are not followed, answers are not read. */
export interface Poster {
  /** Whether a URL may be used at all, as far as can be seen without a resolver; the error is for the customer. */
  check(url: string): Result<void, string>
  /** Never rejects: whatever the other side does is an answer. */
  post(request: PostRequest): Promise<PostAnswer>
  /** Ends all connections; posts under way answer with an error. */
  close(): Promise<void>
}

const TOTAL_MS = 10_000
/** An answer's body is taken up to here, so that its connection can be used again, and thrown away. */
const DRAIN_BYTES = 1024
const CONNECTIONS_PER_ORIGIN = 16

/** Makes a poster; `close` it in the end. */
export function createPoster(options: PosterOptions): Poster {
  const totalMs = options.totalMs ?? TOTAL_MS
  const agent = new Agent({
    connect: guardedConnector({
      policy: { allow: options.allow },
      lookup: options.lookup ?? systemLookup,
      connectMs: totalMs,
    }),
    connections: CONNECTIONS_PER_ORIGIN,
    maxHeaderSize: 16 * 1024,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const check = (url: string): Result<void, string> => {
    if (!URL.canParse(url)) return err('This is no address.')
    const parsed = new URL(url)
    if (parsed.protocol === 'http:' && !options.http) return err('Only https is allowed here.')
    const verdict = checkTarget(parsed, { allow: options.allow })
    return verdict.ok ? ok(undefined) : err(verdict.error.detail)
  }
  return {
    check,
    post: async (request) => {
      const startedAt = performance.now()
      const answer = await send(request)
      return { durationMs: Math.round(performance.now() - startedAt), ...answer }
    },
    close: () => agent.destroy(),
  }

  async function send({ url, headers, body }: PostRequest): Promise<Omit<PostAnswer, 'durationMs'>> {
    const verdict = check(url)
    if (!verdict.ok) return { error: verdict.error }
    const { origin, pathname, search } = new URL(url)
    const signal = AbortSignal.timeout(totalMs)
    try {
      const answer = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': options.userAgent },
        body,
        signal,
      })
      await answer.body.dump({ limit: DRAIN_BYTES, signal }).catch(() => undefined)
      const retryAfter = answer.headers['retry-after']
      const retryAfterMs = retryAfterMsOf(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, options.now())
      return { status: answer.statusCode, ...(retryAfterMs !== undefined && { retryAfterMs }) }
    } catch (error) {
      return {
        error: signal.aborted ? `No answer within ${totalMs / 1000} seconds.` : failureOfError(error, false).detail,
      }
    }
  }
}

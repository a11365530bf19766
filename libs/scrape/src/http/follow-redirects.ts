import type { Redirect } from '@quarry/domain'
import { FetchFailure, failureOf } from '../failures.ts'
import type { Exchanged } from './exchange.ts'
import { headerOf } from './header-pairs.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Whether the answer sends us elsewhere. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

/** The end of a chain of redirects. */
export interface Followed {
  readonly url: URL
  readonly redirects: readonly Redirect[]
  readonly answer: Exchanged
}

/**
 * Asks `ask` for the URL and then for whatever it is redirected to, up to `maxRedirects` times. `ask` must check each URL
 * as if it were the first. Throws `too_many_redirects` and `bad_redirect`.
 */
export async function followRedirects(
  start: URL,
  maxRedirects: number,
  ask: (url: URL) => Promise<Exchanged>,
): Promise<Followed> {
  const redirects: Redirect[] = []
  let url = start
  for (;;) {
    const answer = await ask(url)
    if (!isRedirect(answer.status)) return { url, redirects, answer }
    if (redirects.length === maxRedirects) {
      const detail = `The site redirected more than ${maxRedirects} times.`
      throw new FetchFailure(failureOf('too_many_redirects', detail, { status: answer.status }))
    }
    redirects.push({ status: answer.status, url: url.href })
    url = targetOf(answer, url)
  }
}

function targetOf(answer: Exchanged, from: URL): URL {
  const location = headerOf(answer.headers, 'location')
  // Header bytes above ASCII are UTF-8 in practice; the parser hands them over one character for each byte.
  const text = location === undefined ? '' : Buffer.from(location, 'latin1').toString('utf8')
  if (text === '' || !URL.canParse(text, from)) {
    const detail =
      text === '' ? 'A redirect of the site names no address.' : 'A redirect of the site names no valid address.'
    throw new FetchFailure(failureOf('bad_redirect', detail, { status: answer.status }))
  }
  const url = new URL(text, from)
  url.hash = ''
  return url
}

import { err, ok, type Result } from '../result.ts'

export const MAX_URL_LENGTH = 2048
const MAX_HOST_NAME_LENGTH = 253

/** A URL that may be ordered. */
export interface Target {
  /** Normalised as the WHATWG standard says, without fragment. */
  readonly url: string
  /** The politeness key: host name in lower case, and port unless it is the scheme's own. */
  readonly host: string
}

/** Why a text is no target, as a stable code and in words, and what is allowed instead. */
export interface TargetProblem {
  readonly code: TargetProblemCode
  readonly problem: string
  readonly allowed: string
}

export type TargetProblemCode =
  'url_too_long' | 'url_characters' | 'url_invalid' | 'url_scheme' | 'url_credentials' | 'url_host'

/**
 * Reads a customer's URL. It looks at the text only: whether the address may be fetched is another question, asked of the
 * host here by `checkHostLiteral` and of every address by the miner.
 */
export function parseTarget(text: string): Result<Target, TargetProblem> {
  if (text.length > MAX_URL_LENGTH) return tooLong()
  if (!text.isWellFormed() || /[\p{Cc}\\]/u.test(text)) {
    return refuse('url_characters', 'has control characters or backslashes', 'percent-encoded characters')
  }
  if (!URL.canParse(text)) return refuse('url_invalid', 'is not a URL', 'such as https://example.org/page')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse('url_scheme', `has the scheme ${url.protocol.slice(0, -1)}`, 'http or https')
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('url_credentials', 'has a user name or password in it', 'a URL without credentials')
  }
  url.hash = ''
  // The root's own dot names the same server and must not give a host a second politeness key.
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  const name = url.hostname
  if (name.length > MAX_HOST_NAME_LENGTH || name.split('.').some((label) => label === '' || label.length > 63)) {
    return refuse(
      'url_host',
      'has a host name that cannot exist',
      `labels of 1 to 63 characters, ${MAX_HOST_NAME_LENGTH} in all`,
    )
  }
  return url.href.length > MAX_URL_LENGTH ? tooLong() : ok({ url: url.href, host: url.host })
}

function tooLong(): Result<Target, TargetProblem> {
  return refuse('url_too_long', 'is too long once encoded', `at most ${MAX_URL_LENGTH} characters`)
}

function refuse(code: TargetProblemCode, problem: string, allowed: string): Result<Target, TargetProblem> {
  return err({ code, problem, allowed })
}

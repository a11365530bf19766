import * as openid from 'openid-client'
import type { ElsewhereDeclined, ElsewhereFailed, ElsewhereUnreachable } from '../application/sign-in-provider.ts'

/** Longer than a provider that is well takes, shorter than a person waits. */
export const PROVIDER_TIMEOUT_S = 10

const BROKEN_ANSWERS = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
])
const PASSING_TROUBLES = new Set(['server_error', 'temporarily_unavailable'])

/** What an error of the library, or of `fetch`, means to the person who signs in. */
export function troubleOf(error: unknown): ElsewhereFailed | ElsewhereDeclined | ElsewhereUnreachable {
  if (error instanceof openid.AuthorizationResponseError) {
    if (error.error === 'access_denied') return { kind: 'elsewhere-declined' }
    return { kind: PASSING_TROUBLES.has(error.error) ? 'elsewhere-unreachable' : 'elsewhere-failed' }
  }
  return { kind: isAway(error) ? 'elsewhere-unreachable' : 'elsewhere-failed' }
}

/** `fetch` throws a TypeError when nobody answers. */
function isAway(error: unknown): boolean {
  if (error instanceof openid.ClientError) return error.code !== undefined && BROKEN_ANSWERS.has(error.code)
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')
}

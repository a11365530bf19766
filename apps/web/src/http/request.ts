import type { CodedError } from '@quarry/contracts'
import { errorOfAnswer } from './errors.ts'
import { refreshSession, sessionState } from './session.ts'

/** How to ask. `json` becomes the body; `anonymous` sends no token (signing in and up). */
export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly anonymous?: boolean
}

function send(path: string, options: RequestOptions): Promise<Response> {
  const headers = new Headers(options.headers)
  const session = sessionState()
  if (!options.anonymous && session.kind === 'signed-in') headers.set('authorization', `Bearer ${session.accessToken}`)
  if (options.json !== undefined) headers.set('content-type', 'application/json')
  return fetch(path, {
    method: options.method ?? 'GET',
    headers,
    ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
}

/**
 * Asks the API and returns the answer when it is 2xx; else throws a `CodedError`. A refused access token is renewed once
 * and the request repeated: it was refused before it had any effect.
 */
export async function requestAnswer(path: string, options: RequestOptions = {}): Promise<Response> {
  const answer = await send(path, options)
  if (answer.ok) return answer
  const refusal = await refusalOf(answer)
  if (options.anonymous || !isOfToken(refusal) || sessionState().kind !== 'signed-in') throw refusal
  await refreshSession()
  if (sessionState().kind !== 'signed-in') throw refusal
  const second = await send(path, options)
  if (second.ok) return second
  throw await refusalOf(second)
}

async function refusalOf(answer: Response): Promise<CodedError> {
  return errorOfAnswer(answer.status, await answer.json().catch(() => undefined))
}

/** Not every 401: a wrong password or code shown anew was looked at, and sending it again would be a second guess. */
function isOfToken({ code }: CodedError): boolean {
  return code === 'token_expired' || code === 'token_invalid' || code === 'not_signed_in'
}

/** As `requestAnswer`, with the JSON of the answer; undefined for an empty one. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await requestAnswer(path, options)
  const text = await answer.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** `?after=…&limit=…` of a list. */
export function pageQuery(after: string | undefined, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) })
  if (after !== undefined) query.set('after', after)
  return `?${query}`
}

import type { ErrorBody } from '@quarry/contracts'

/** One call of the public API; throws with the server's words. */
export async function call<T>(
  url: string,
  path: string,
  request: { method?: string; token?: string; body?: unknown },
): Promise<T> {
  const response = await fetch(new URL(path, url), {
    method: request.method ?? (request.body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
    },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  })
  const text = await response.text()
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
  const { error } = JSON.parse(text) as ErrorBody
  throw new Error(`${path}: ${error.code}: ${error.message}`)
}

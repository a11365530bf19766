import type { TestFetchView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Has a page fetched once; the same key again is the same test. */
export function startTestFetch(url: string, key: string): Promise<TestFetchView> {
  return request('/api/v1/test-fetches', { method: 'POST', json: { url }, headers: { 'idempotency-key': key } })
}

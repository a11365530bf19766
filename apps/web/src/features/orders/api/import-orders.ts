import type { BulkOrderInput, BulkView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** What is wrong with each line, and what all would cost. Changes nothing. */
export function checkImport(body: BulkOrderInput): Promise<BulkView> {
  return request<BulkView>('/api/v1/orders/bulk/check', { method: 'POST', json: body })
}

/** Places the lines. Repeating it with the same key places none of them twice. */
export function placeImport(body: BulkOrderInput, key: string): Promise<BulkView> {
  return request<BulkView>('/api/v1/orders/bulk', { method: 'POST', json: body, headers: { 'idempotency-key': key } })
}

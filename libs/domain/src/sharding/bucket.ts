import type { OrderId } from '../ids.ts'
import { hash32 } from './hash.ts'

/** One of `BUCKET_COUNT` fixed slices of all orders: the unit of ownership and of watermarks. */
export type Bucket = number

/** Fixed for ever: an order never changes its bucket. */
export const BUCKET_COUNT = 1024

export function bucketOf(orderId: OrderId): Bucket {
  return hash32(orderId) % BUCKET_COUNT
}

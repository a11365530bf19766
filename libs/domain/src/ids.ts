/** A user: customer, miner's owner and operator are the same kind of account. */
export type UserId = string
/** An order, unique for ever; its hash fixes the bucket and the escrow account. */
export type OrderId = string
/** The work of one repetition: `orderId:rep`. Every step of the path deduplicates on it. */
export type JobId = `${string}:${number}`
/** One mining-client installation of a user. */
export type DeviceId = string

/** The job of an order's `rep`-th repetition, counted from 0. */
export function jobIdOf(orderId: OrderId, rep: number): JobId {
  return `${orderId}:${rep}`
}

/** The inverse of `jobIdOf`; undefined for a text that no order could have produced. */
export function parseJobId(text: string): { orderId: OrderId; rep: number } | undefined {
  const match = /^([A-Za-z0-9_-]{1,64}):(0|[1-9]\d{0,8})$/.exec(text)
  return match ? { orderId: match[1]!, rep: Number(match[2]) } : undefined
}

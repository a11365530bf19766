import { partsError } from '../redis-errors.ts'

/** The most that one call of a function does; Redis serves nobody else meanwhile. */
export const MOST_JOBS_A_CALL = 500

export interface Part<Item> {
  readonly shard: number
  readonly members: { readonly item: Item; readonly index: number }[]
}

/** Groups items by shard, at most `most` in a part, in their order; each remembers its index. */
export function inChunks<Item>(items: readonly Item[], shardOf: (item: Item) => number, most: number): Part<Item>[] {
  const parts: Part<Item>[] = []
  const open = new Map<number, Part<Item>>()
  for (const [index, item] of items.entries()) {
    const shard = shardOf(item)
    let part = open.get(shard)
    if (part === undefined || part.members.length >= most) {
      part = { shard, members: [] }
      open.set(shard, part)
      parts.push(part)
    }
    part.members.push({ item, index })
  }
  return parts
}

/** Waits for all; throws what the failures mean for the whole: `Unavailable` only when no part can have been done. */
export async function settleAll<T>(parts: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(parts)
  if (outcomes.some(({ status }) => status === 'rejected')) throw partsError(outcomes)
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value)
}

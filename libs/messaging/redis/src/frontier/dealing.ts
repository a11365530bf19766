import type { LeaseToken, LeaseVerdict } from '@quarry/messaging-port'
import type { FrontierShard } from './shard.ts'
import { parseToken, verdictsOf, type ShardLease } from './encoding.ts'
import { inChunks, MOST_JOBS_A_CALL, settleAll } from './parts.ts'

/** Takes lists of any length to the shards that they concern, and their answers back to their places. */
export class Dealing {
  readonly #shards: readonly FrontierShard[]

  constructor(shards: readonly FrontierShard[]) {
    this.#shards = shards
  }

  /** A verdict for each item at its index; tokens that this queue never gave are stale without a call. */
  async judge<Item>(
    items: readonly Item[],
    how: {
      tokenOf: (item: Item) => LeaseToken
      run: (shard: FrontierShard, part: readonly (ShardLease & { item: Item })[]) => Promise<unknown>
    },
  ): Promise<LeaseVerdict[]> {
    const verdicts = items.map((): LeaseVerdict => 'stale')
    const known = items.flatMap((item, index) => {
      const parsed = parseToken(how.tokenOf(item), this.#shards.length)
      return parsed ? [{ ...parsed, item, index }] : []
    })
    const answers = verdictsOf(await this.inParts(known, { shardOf: ({ shard }) => shard, run: how.run }))
    for (const [position, { index }] of known.entries()) verdicts[index] = answers[position] ?? 'stale'
    return verdicts
  }

  /** Runs the items of each shard in calls of a bearable size, all sent at once; gives each item's number at its index. */
  async inParts<Item>(
    items: readonly Item[],
    how: {
      shardOf: (item: Item) => number
      run: (shard: FrontierShard, part: readonly Item[]) => Promise<unknown>
    },
  ): Promise<number[]> {
    const parts = inChunks(items, how.shardOf, MOST_JOBS_A_CALL)
    const answers = await settleAll(
      parts.map((part) =>
        how.run(
          this.#shards[part.shard] as FrontierShard,
          part.members.map(({ item }) => item),
        ),
      ),
    )
    const numbers: number[] = new Array<number>(items.length).fill(0)
    for (const [index, part] of parts.entries()) {
      const answer = answers[index] as readonly number[]
      for (const [position, member] of part.members.entries()) numbers[member.index] = answer[position] ?? 0
    }
    return numbers
  }
}

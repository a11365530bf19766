import type { Shard } from '@quarry/domain'

/** Hand-outs of one leadership: enough for one a second for over a century. */
const HANDOUTS_PER_LEADERSHIP = 2 ** 32

/**
 * The schedulers present, and the shard of each: indexes follow the sorted ids, so that the same members get the same
 * shards from every manager. Each change hands all of them a new epoch, above every one of an earlier leadership.
 */
export class HandOutShards {
  readonly #members = new Set<string>()
  #leaderEpoch = 0
  #handOuts = 0

  /** Begins a leadership: epochs start above all earlier ones, members are learnt as they connect. Of the same again: nothing. */
  lead(leaderEpoch: number): void {
    if (leaderEpoch === this.#leaderEpoch) return
    this.#leaderEpoch = leaderEpoch
    this.#handOuts = 0
  }

  /** Returns whether the members changed. */
  join(schedulerId: string): boolean {
    const before = this.#members.size
    this.#members.add(schedulerId)
    return this.#members.size !== before
  }

  /** Returns whether the members changed. */
  leave(schedulerId: string): boolean {
    return this.#members.delete(schedulerId)
  }

  /** A new hand-out to every member. */
  handOut(): ReadonlyMap<string, Shard> {
    this.#handOuts++
    const epoch = this.#leaderEpoch * HANDOUTS_PER_LEADERSHIP + this.#handOuts
    const ids = [...this.#members].sort()
    return new Map(ids.map((id, index) => [id, { index, count: ids.length, epoch }]))
  }
}

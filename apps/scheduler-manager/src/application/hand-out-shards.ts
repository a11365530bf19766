import type { Shard } from '@quarry/domain'

/** Epochs of one leadership: more hand-outs than any makes. It leaves room for two million leaderships. */
const EPOCHS_PER_LEADERSHIP = 2 ** 32

/**
 * Gives each scheduler its shard: indexes follow the sorted ids, so that the same members get the same shards from every
 * manager. Each hand-out has a new epoch, above every one of an earlier leadership.
 */
export class HandOutShards {
  #epoch = 0

  /** Begins a leadership: epochs go on above all earlier ones. */
  lead(leaderEpoch: number): void {
    this.raiseTo(leaderEpoch * EPOCHS_PER_LEADERSHIP)
  }

  /** The next hand-out is above this epoch too. */
  raiseTo(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch)
  }

  /** The epoch of the last hand-out. */
  get epoch(): number {
    return this.#epoch
  }

  /** A new hand-out to these members. */
  handOut(members: Iterable<string>): ReadonlyMap<string, Shard> {
    const epoch = ++this.#epoch
    const ids = [...members].sort()
    return new Map(ids.map((id, index) => [id, { index, count: ids.length, epoch }]))
  }
}

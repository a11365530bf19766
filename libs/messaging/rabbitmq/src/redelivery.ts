const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 5_000
/** A message that failed so often is no longer delivered together with others. */
const DELIVERIES_TOGETHER = 5
/** So often a message fails alone, while others succeed, before it counts as poison. */
const DELIVERIES_ALONE = 5
/** Messages in trouble that are remembered; the oldest are forgotten, and judged anew. */
const MOST_REMEMBERED = 10_000

interface Trouble {
  failuresAlone: number
  /** How many messages had been acknowledged here when this one first failed here. */
  readonly acknowledgedBefore: number
}

/** Whether a message with so many failures behind it is delivered by itself. */
export function goesAlone(failures: number): boolean {
  return failures >= DELIVERIES_TOGETHER
}

/** How long a batch is held back after its n-th failure, counted from 1. */
export function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
}

/**
 * Tells poison from a consumer's own trouble, as the bus on one machine does: a consumer that fails everything (a full
 * disk, a locked database) keeps its messages; one that fails this message, alone, but takes others, tells that the
 * message is poison.
 */
export class Suspects {
  readonly #troubles = new Map<string, Trouble>()
  #acknowledged = 0

  acknowledged(ids: readonly string[]): void {
    this.#acknowledged += ids.length
    if (this.#troubles.size > 0) for (const id of ids) this.#troubles.delete(id)
  }

  /** Notes a failure of the message; whether it is poison by now. */
  failed(id: string, alone: boolean): boolean {
    const trouble = this.#troubles.get(id) ?? { failuresAlone: 0, acknowledgedBefore: this.#acknowledged }
    if (alone) trouble.failuresAlone += 1
    const poison = trouble.failuresAlone >= DELIVERIES_ALONE && this.#acknowledged > trouble.acknowledgedBefore
    this.#troubles.set(id, trouble)
    const [oldest] = this.#troubles.keys()
    if (poison) this.#troubles.delete(id)
    else if (this.#troubles.size > MOST_REMEMBERED && oldest !== undefined) this.#troubles.delete(oldest)
    return poison
  }
}

import { NOTIFICATION_PARTS, type CancelTimer, type Clock } from '@quarry/domain'
import type { LeaderLease, Leadership } from '@quarry/storage-port'

const BEAT_MS = 2_000
/** A holder whose beat has stood still for so long on this process's clock is dead. */
const DEAD_MS = 10_000

export interface SharePartsDeps {
  readonly leases: LeaderLease
  readonly clock: Clock
  /** Unique among all processes. */
  readonly holder: string
  readonly onGained: (part: number) => void
  readonly onLost: (part: number) => void
  readonly onError: (error: unknown) => void
}

/**
 * Shares the customers' parts among all processes by leases: a part of a dead one is taken over, and a process with two
 * parts less than another takes one of its. The one that lost it learns that with its next beat; what both do until then
 * carries the same ids, and the store refuses the second note of it.
 */
export class ShareParts {
  readonly #deps: SharePartsDeps
  readonly #held = new Map<number, Leadership>()
  readonly #seen = new Map<number, { lease: Leadership; since: number }>()
  #elapsedMs = 0
  #cancel: CancelTimer | undefined
  #looking: Promise<void> | undefined

  constructor(deps: SharePartsDeps) {
    this.#deps = deps
  }

  holds(part: number): boolean {
    return this.#held.has(part)
  }

  start(): void {
    this.#cancel = this.#deps.clock.after(0, () => this.#tick())
  }

  /** Lets go without a word: the others see the beats stand still. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    await this.#looking
  }

  #tick(): void {
    this.#looking = this.#look()
      .catch(this.#deps.onError)
      .then(() => {
        this.#elapsedMs += BEAT_MS
        if (this.#cancel) this.#cancel = this.#deps.clock.after(BEAT_MS, () => this.#tick())
      })
  }

  async #look(): Promise<void> {
    const others = new Map<string, number[]>()
    for (let part = 0; part < NOTIFICATION_PARTS; part++) {
      const held = this.#held.get(part)
      if (held) await this.#renew(part, held)
      else await this.#observe(part, others)
    }
    const richest = [...others.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
    if (richest.length >= this.#held.size + 2) await this.#take(richest[0]!, this.#seen.get(richest[0]!)?.lease)
  }

  async #renew(part: number, held: Leadership): Promise<void> {
    const renewed = await this.#deps.leases.renew(nameOf(part), held)
    if (renewed.ok) return void this.#held.set(part, renewed.value)
    this.#held.delete(part)
    this.#deps.onLost(part)
  }

  async #observe(part: number, others: Map<string, number[]>): Promise<void> {
    const lease = await this.#deps.leases.read(nameOf(part))
    const seen = this.#seen.get(part)
    if (lease && (seen?.lease.beat !== lease.beat || seen.lease.epoch !== lease.epoch)) {
      this.#seen.set(part, { lease, since: this.#elapsedMs })
      others.set(lease.holder, [...(others.get(lease.holder) ?? []), part])
      return
    }
    if (!lease || this.#elapsedMs - (seen?.since ?? 0) >= DEAD_MS) return this.#take(part, lease)
    others.set(lease.holder, [...(others.get(lease.holder) ?? []), part])
  }

  async #take(part: number, seen: Leadership | undefined): Promise<void> {
    const { leases, holder, onGained } = this.#deps
    const taken = await leases.takeOver(nameOf(part), { holder, address: '' }, seen)
    if (!taken.ok) return
    this.#held.set(part, taken.value)
    onGained(part)
  }
}

function nameOf(part: number): string {
  return `notifications-${part}`
}

import type { IdleReason, PauseReason } from '@quarry/contracts'
import type { Clock, Instant, UserId } from '@quarry/domain'
import type { JobQueue, LiveEvents, Presence, Sighting } from '@quarry/messaging-port'
import { mayTakeMore, type MinerSession } from './miner-session.ts'

/** A device counts as away when its server has not told of it for so long. */
const HERE_MS = 15_000
/** Each device is told of anew so often, although nothing changed. */
const AGAIN_MS = 5_000
/** A device that had something to do so lately still mines: a pause between two pages is not idleness. */
const LINGER_MS = 2_000
/** Devices told of in one call: thousands reconnect at once after a restart. */
const SEE_BATCH = 500
/** So long after a page the count of the last minute is still falling. */
const FALLING_MS = 70_000

/** What the miner said of itself. */
export interface MinerIdentity {
  readonly connectionId: string
  readonly name: string
  readonly version: string
}

interface Present {
  readonly session: MinerSession
  readonly who: MinerIdentity
  readonly connectedAt: Instant
  pausedBy: PauseReason
  busyAt: Instant
  countedPages: number
  told: Sighting | undefined
  toldAt: Instant
}

interface Due {
  readonly present: Present
  readonly sighting: Sighting
}

/**
 * Tells who is connected here and what each does, to `Presence` and to their owners' open pages: a coming and a going at
 * once, changes with the next round. What could not be told is told with a later round, or ends by itself.
 */
export class TellPresence {
  readonly #presence: Presence
  readonly #live: LiveEvents
  readonly #queue: JobQueue
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #present = new Map<MinerSession, Present>()
  #underWay: Promise<void> | undefined
  #next: Promise<void> | undefined
  #deliveredAt = 0
  #marketToldAt = 0

  constructor(deps: {
    presence: Presence
    live: LiveEvents
    queue: JobQueue
    clock: Clock
    onError: (error: unknown) => void
  }) {
    this.#presence = deps.presence
    this.#live = deps.live
    this.#queue = deps.queue
    this.#clock = deps.clock
    this.#onError = deps.onError
  }

  /** Resolves when it was told, or could not be. */
  async joined(session: MinerSession, who: MinerIdentity): Promise<void> {
    const now = this.#clock.now()
    this.#present.set(session, {
      session,
      who,
      connectedAt: now,
      pausedBy: 'paused',
      busyAt: 0,
      countedPages: 0,
      told: undefined,
      toldAt: 0,
    })
    await this.round()
  }

  /** As `joined`. */
  async left(session: MinerSession): Promise<void> {
    const present = this.#present.get(session)
    if (!this.#present.delete(session) || present === undefined) return
    const { userId, deviceId } = session
    await this.#guarded(async () => {
      await this.#count([present])
      const last = this.#sightingOf(present, { now: this.#clock.now(), idle: 'no-jobs' })
      await this.#presence.see([last], HERE_MS)
      await this.#presence.leave([{ userId, deviceId, connectionId: present.who.connectionId }])
    })
    this.#tell(new Set([userId]), true)
  }

  /** Why the session takes nothing new, by its own word; told with the next round. */
  paused(session: MinerSession, why: PauseReason): void {
    const present = this.#present.get(session)
    if (present) present.pausedBy = why
  }

  /** To be called about every second. What comes while a round is under way is told, all together, by the next one. */
  round(): Promise<void> {
    if (this.#underWay) return (this.#next ??= this.#underWay.then(() => this.round()))
    this.#next = undefined
    this.#underWay = this.#tellAll().finally(() => (this.#underWay = undefined))
    return this.#underWay
  }

  async #tellAll(): Promise<void> {
    await this.#guarded(async () => {
      const now = this.#clock.now()
      // Not of a copy: rounds follow each other closely while thousands connect, and each copy would outlive its round.
      const hasPages = await this.#count(this.#present.values())
      const idle = this.#isSomeIdle() ? await this.#whyIdle() : 'no-jobs'
      const changed = new Set<UserId>()
      let isNew = false
      // A batch's sightings are made when it is its turn: those of thousands, waiting all together, would grow old.
      let due: Due[] = []
      for (const present of this.#present.values()) {
        const sighting = this.#sightingOf(present, { now, idle })
        const same = present.told !== undefined && sameSighting(present.told, sighting)
        if (same && now - present.toldAt < AGAIN_MS) continue
        isNew ||= present.told === undefined
        if (!same) changed.add(present.session.userId)
        due.push({ present, sighting })
        if (due.length < SEE_BATCH) continue
        await this.#see(due, now)
        due = []
      }
      if (due.length > 0) await this.#see(due, now)
      this.#tell(changed, hasPages || isNew || this.#isFalling(now))
    })
  }

  async #see(due: readonly Due[], now: Instant): Promise<void> {
    await this.#presence.see(
      due.map(({ sighting }) => sighting),
      HERE_MS,
    )
    for (const { present, sighting } of due) {
      present.toldAt = now
      // An equal one stays: of thousands of idle miners each would leave an old one behind every few seconds.
      if (present.told === undefined || !sameSighting(present.told, sighting)) present.told = sighting
    }
  }

  async #count(all: Iterable<Present>): Promise<boolean> {
    let pages = 0
    for (const present of all) {
      pages += present.session.pages - present.countedPages
      present.countedPages = present.session.pages
    }
    if (pages === 0) return false
    this.#deliveredAt = this.#clock.now()
    await this.#presence.delivered(pages)
    return true
  }

  #isSomeIdle(): boolean {
    for (const { session } of this.#present.values()) if (session.outstanding === 0) return true
    return false
  }

  async #whyIdle(): Promise<IdleReason> {
    return (await this.#queue.depth()).waiting > 0 ? 'politeness' : 'no-jobs'
  }

  #sightingOf(present: Present, { now, idle }: { now: Instant; idle: IdleReason }): Sighting {
    const { session, who, connectedAt } = present
    const { userId, deviceId, pages, coins, capacity, outstanding } = session
    const isBusy = outstanding > 0 || pages !== (present.told?.pages ?? 0)
    if (isBusy) present.busyAt = now
    const told = { ...who, userId, deviceId, connectedAt, pages, coins }
    if (outstanding > 0 || (capacity > 0 && now - present.busyAt < LINGER_MS)) return told
    if (capacity === 0) return { ...told, idle: present.pausedBy }
    return { ...told, idle: mayTakeMore(session) ? idle : 'backlog' }
  }

  #isFalling(now: Instant): boolean {
    return now - this.#deliveredAt < FALLING_MS && now - this.#marketToldAt >= AGAIN_MS
  }

  #tell(users: ReadonlySet<UserId>, market: boolean): void {
    for (const userId of users) this.#live.publish(`user:${userId}`, { kind: 'miners-changed' })
    if (!market) return
    this.#marketToldAt = this.#clock.now()
    this.#live.publish('market', { kind: 'market-changed' })
  }

  async #guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      this.#onError(error)
    }
  }
}

function sameSighting(a: Sighting, b: Sighting): boolean {
  return a.idle === b.idle && a.pages === b.pages && a.coins === b.coins
}

import type { SubmissionVerdict } from '@quarry/contracts'
import type { DeviceId, Instant, UserId } from '@quarry/domain'
import type { Lease, LeaseToken } from '@quarry/messaging-port'
import type { MinerSession } from './miner-session.ts'

/** Whose a lease is. The device names itself, so only the user together with it tells one miner from another. */
export interface LeaseOwner {
  readonly userId: UserId
  readonly deviceId: DeviceId
}

/** A lease that this server claimed and handed to a miner. */
export interface HeldLease extends LeaseOwner {
  readonly lease: Lease
  readonly assignedAt: Instant
  /** When the queue ends the lease, as last lengthened. */
  expiresAt: Instant
  /** The miner's connection; undefined while it is away. */
  session: MinerSession | undefined
  /** Since when the miner is away. */
  awaySince: Instant | undefined
  /** Whether the miner has answered, and so has its slot back. */
  answered: boolean
  /** While a submission for it is judged: what will come of it. */
  verdict: Promise<SubmissionVerdict> | undefined
}

/** The leases that this server's miners work on, by token and by owner. Bounded by the miners' capacities. */
export class HeldLeases {
  readonly #byToken = new Map<LeaseToken, HeldLease>()
  readonly #byOwner = new Map<string, Set<HeldLease>>()

  get size(): number {
    return this.#byToken.size
  }

  add(held: HeldLease): void {
    this.#byToken.set(held.lease.token, held)
    const key = ownerKey(held)
    const owned = this.#byOwner.get(key)
    if (owned) owned.add(held)
    else this.#byOwner.set(key, new Set([held]))
  }

  /** The lease, if it was handed to this miner. */
  find(token: LeaseToken, { userId, deviceId }: LeaseOwner): HeldLease | undefined {
    const held = this.#byToken.get(token)
    return held?.userId === userId && held.deviceId === deviceId ? held : undefined
  }

  /** Takes the lease off the list and gives the miner its slot back; of several callers one gets `true`. */
  remove(held: HeldLease): boolean {
    if (!this.#byToken.delete(held.lease.token)) return false
    const key = ownerKey(held)
    const owned = this.#byOwner.get(key)
    owned?.delete(held)
    if (owned?.size === 0) this.#byOwner.delete(key)
    freeSlot(held)
    return true
  }

  of(owner: LeaseOwner): HeldLease[] {
    return [...(this.#byOwner.get(ownerKey(owner)) ?? [])]
  }

  all(): HeldLease[] {
    return [...this.#byToken.values()]
  }
}

/** One text for each miner: neither name may contain the separator. */
export function ownerKey({ userId, deviceId }: LeaseOwner): string {
  return `${userId}/${deviceId}`
}

/** The miner has its slot back; a second call changes nothing. */
export function freeSlot(held: HeldLease): void {
  if (held.answered) return
  held.answered = true
  if (held.session) held.session.outstanding--
}

/** The lease goes on in another connection of the same miner, or in none for now. */
export function moveTo(held: HeldLease, session: MinerSession | undefined): void {
  if (!held.answered) {
    if (held.session) held.session.outstanding--
    if (session) session.outstanding++
  }
  held.session = session
}

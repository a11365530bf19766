import type { DeviceId, Instant } from '@quarry/domain'
import type { Lease, LeaseToken } from '@quarry/messaging-port'
import type { MinerSession } from './miner-session.ts'

/** A lease that this server claimed and handed to a miner. */
export interface HeldLease {
  readonly lease: Lease
  readonly userId: string
  readonly deviceId: DeviceId
  readonly assignedAt: Instant
  /** The miner's connection; undefined while it is away. */
  session: MinerSession | undefined
  /** Whether the miner has answered, and so has its slot back. */
  answered: boolean
}

/** The leases that this server's miners work on, by token. Bounded by the miners' capacities. */
export class HeldLeases {
  readonly #byToken = new Map<LeaseToken, HeldLease>()

  get size(): number {
    return this.#byToken.size
  }

  add(held: HeldLease): void {
    this.#byToken.set(held.lease.token, held)
  }

  /** The lease, if it was handed to this device. */
  find(token: LeaseToken, deviceId: DeviceId): HeldLease | undefined {
    const held = this.#byToken.get(token)
    return held?.deviceId === deviceId ? held : undefined
  }

  remove(token: LeaseToken): void {
    this.#byToken.delete(token)
  }

  ofDevice(deviceId: DeviceId): HeldLease[] {
    return [...this.#byToken.values()].filter((held) => held.deviceId === deviceId)
  }

  all(): HeldLease[] {
    return [...this.#byToken.values()]
  }

  /** Forgets leases that ended `graceMs` ago: their jobs are somebody else's. */
  forgetExpired(now: Instant, graceMs: number): void {
    for (const [token, held] of this.#byToken) {
      if (held.lease.expiresAt + graceMs > now) continue
      this.#byToken.delete(token)
      if (held.session && !held.answered) held.session.outstanding--
    }
  }
}

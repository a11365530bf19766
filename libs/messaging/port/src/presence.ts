import type { IdleReason } from '@quarry/contracts'
import type { DeviceId, Instant, UserId } from '@quarry/domain'

/** One connection of a miner's device, as its server sees it. */
export interface Sighting {
  readonly userId: UserId
  readonly deviceId: DeviceId
  /** Differs for each connection. */
  readonly connectionId: string
  readonly connectedAt: Instant
  readonly name: string
  readonly version: string
  /** Absent: it mines. */
  readonly idle?: IdleReason
  /** Of this connection so far: pages taken, and coins that they earn. */
  readonly pages: number
  readonly coins: number
}

/** A device as its owner sees it. */
export interface SeenDevice extends Pick<Sighting, 'deviceId' | 'name' | 'version' | 'idle'> {
  readonly here: boolean
  /** Since when it is connected, or was for the last time. */
  readonly connectedAt: Instant
  readonly seenAt: Instant
  /** Since it came; a pause of less than `CARRY_MS` does not end that. */
  readonly pages: number
  readonly coins: number
  /** Of `coins`, those that the ledger has paid. */
  readonly paidCoins: number
}

/** The device's coins that were paid. */
export interface DevicePayment {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly coins: number
}

/** What anybody may know of all miners together. */
export interface Bustle {
  readonly minersOnline: number
  /** Pages taken in the last minute, to within five seconds. */
  readonly pagesPerMinute: number
}

/** A device that is away for so long begins to count anew when it comes back. */
export const CARRY_MS = 10 * 60_000
/** So long a device that is away stays on its owner's list. */
export const KEEP_AWAY_MS = 7 * 24 * 3_600_000
/** Devices that are listed of one owner; of more, those that are away longest are forgotten. */
export const MOST_DEVICES = 200

/**
 * Which miners are there, told by the mining-servers and read by whoever shows it. A picture, not a record: it may be
 * lost at any time and is drawn again by the next sightings; nothing may depend on it.
 *
 * A device is here from a sighting on for `hereMs`, unless it is sighted again or its connection is said to be over.
 * Of two connections of one device the one begun later counts, whatever the other one's server says. Calls of one client
 * take effect in order. Throws `Unavailable` and `UnknownOutcome`; repeating any call but `paid` and `delivered` is
 * harmless, and a repeated one of these counts twice.
 */
export interface Presence {
  see(sightings: readonly Sighting[], hereMs: number): Promise<void>
  /** The connections are over: their devices are away, those that have a newer connection excepted. */
  leave(over: readonly Pick<Sighting, 'userId' | 'deviceId' | 'connectionId'>[]): Promise<void>
  /** Counts coins as paid for devices that are on their owner's list; of others nothing is kept. */
  paid(payments: readonly DevicePayment[]): Promise<void>
  /** Counts pages for `bustle`. */
  delivered(pages: number): Promise<void>
  /** The user's devices: those here first, then by when they were last seen, newest first. */
  devicesOf(userId: UserId): Promise<readonly SeenDevice[]>
  /** Takes a device off the list if it is away; false when it is here, or not on the list. */
  forget(userId: UserId, deviceId: DeviceId): Promise<boolean>
  bustle(): Promise<Bustle>
}

/** The order of `devicesOf`. */
export function compareDevices(a: SeenDevice, b: SeenDevice): number {
  const byPlace = Number(b.here) - Number(a.here)
  const bySeen = a.here ? 0 : b.seenAt - a.seenAt
  const byName = a.name < b.name ? -1 : Number(a.name > b.name)
  return byPlace || bySeen || byName || (a.deviceId < b.deviceId ? -1 : 1)
}

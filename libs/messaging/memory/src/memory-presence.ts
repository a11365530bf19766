import type { Clock, DeviceId, Instant, UserId } from '@quarry/domain'
import {
  CARRY_MS,
  compareDevices,
  KEEP_AWAY_MS,
  MOST_DEVICES,
  type Bustle,
  type DevicePayment,
  type Presence,
  type SeenDevice,
  type Sighting,
} from '@quarry/messaging-port'

const MINUTE_MS = 60_000
const SLOT_MS = 5_000

interface Entry {
  sighting: Sighting
  hereUntil: Instant
  seenAt: Instant
  /** What earlier connections of the same stay had brought. */
  before: { pages: number; coins: number }
  paidCoins: number
}

/** Presence within this process. */
export class MemoryPresence implements Presence {
  readonly #clock: Clock
  readonly #users = new Map<UserId, Map<DeviceId, Entry>>()
  readonly #slots = new Map<number, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async see(sightings: readonly Sighting[], hereMs: number): Promise<void> {
    const now = this.#clock.now()
    for (const sighting of sightings) {
      const devices = this.#devicesFor(sighting.userId)
      const known = devices.get(sighting.deviceId)
      if (known && isOutdated(sighting, known)) continue
      const entry = { sighting, hereUntil: now + hereMs, seenAt: now }
      if (known?.sighting.connectionId === sighting.connectionId) Object.assign(known, entry)
      else devices.set(sighting.deviceId, { ...entry, ...carried(known, now) })
      if (known === undefined) makeRoom(devices, now)
    }
  }

  async leave(over: readonly Pick<Sighting, 'userId' | 'deviceId' | 'connectionId'>[]): Promise<void> {
    const now = this.#clock.now()
    for (const { userId, deviceId, connectionId } of over) {
      const entry = this.#users.get(userId)?.get(deviceId)
      if (entry?.sighting.connectionId !== connectionId) continue
      entry.seenAt = Math.min(now, Math.max(entry.seenAt, entry.hereUntil))
      entry.hereUntil = Math.min(entry.hereUntil, now)
    }
  }

  async paid(payments: readonly DevicePayment[]): Promise<void> {
    for (const { userId, deviceId, coins } of payments) {
      const entry = this.#users.get(userId)?.get(deviceId)
      if (entry) entry.paidCoins += coins
    }
  }

  async delivered(pages: number): Promise<void> {
    const slot = Math.floor(this.#clock.now() / SLOT_MS)
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + pages)
    for (const old of this.#slots.keys()) if (old <= slot - MINUTE_MS / SLOT_MS) this.#slots.delete(old)
  }

  async devicesOf(userId: UserId): Promise<readonly SeenDevice[]> {
    const now = this.#clock.now()
    return [...(this.#users.get(userId)?.values() ?? [])]
      .filter(({ hereUntil }) => now - hereUntil < KEEP_AWAY_MS)
      .map((entry) => seenDevice(entry, now))
      .sort(compareDevices)
  }

  async forget(userId: UserId, deviceId: DeviceId): Promise<boolean> {
    const devices = this.#users.get(userId)
    const entry = devices?.get(deviceId)
    if (entry === undefined || entry.hereUntil > this.#clock.now()) return false
    return devices?.delete(deviceId) === true
  }

  async bustle(): Promise<Bustle> {
    const now = this.#clock.now()
    const oldest = Math.floor(now / SLOT_MS) - MINUTE_MS / SLOT_MS
    let pagesPerMinute = 0
    for (const [slot, pages] of this.#slots) if (slot > oldest) pagesPerMinute += pages
    let minersOnline = 0
    for (const devices of this.#users.values()) {
      for (const { hereUntil } of devices.values()) if (hereUntil > now) minersOnline++
    }
    return { minersOnline, pagesPerMinute }
  }

  #devicesFor(userId: UserId): Map<DeviceId, Entry> {
    const known = this.#users.get(userId)
    if (known) return known
    const devices = new Map<DeviceId, Entry>()
    this.#users.set(userId, devices)
    return devices
  }
}

/** Of two connections of a device the one begun later counts. */
function isOutdated(sighting: Sighting, known: Entry): boolean {
  return known.sighting.connectionId !== sighting.connectionId && known.sighting.connectedAt > sighting.connectedAt
}

function carried(known: Entry | undefined, now: Instant): Pick<Entry, 'before' | 'paidCoins'> {
  if (known === undefined || now - known.hereUntil >= CARRY_MS) return { before: { pages: 0, coins: 0 }, paidCoins: 0 }
  const { before, sighting, paidCoins } = known
  return { before: { pages: before.pages + sighting.pages, coins: before.coins + sighting.coins }, paidCoins }
}

function seenDevice({ sighting, hereUntil, seenAt, before, paidCoins }: Entry, now: Instant): SeenDevice {
  const { deviceId, name, version, connectedAt, pages, coins, idle } = sighting
  return {
    deviceId,
    name,
    version,
    here: hereUntil > now,
    connectedAt,
    seenAt,
    pages: before.pages + pages,
    coins: before.coins + coins,
    paidCoins,
    ...(idle !== undefined && { idle }),
  }
}

/** Forgets devices that are away too long, and those away longest when there are too many. */
function makeRoom(devices: Map<DeviceId, Entry>, now: Instant): void {
  const byAge = [...devices].sort(([, a], [, b]) => a.hereUntil - b.hereUntil)
  for (const [deviceId, { hereUntil }] of byAge) {
    const isOld = now - hereUntil >= KEEP_AWAY_MS
    if (hereUntil > now || (!isOld && devices.size <= MOST_DEVICES)) return
    devices.delete(deviceId)
  }
}

import type { DeviceId, Instant, UserId } from '@quarry/domain'
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
import { devicesScript, forgetScript, leaveScript, paidScript, seeScript } from './presence.lua.ts'
import type { RedisConnection } from './redis-connection.ts'

const SLOT_MS = 5_000
const SLOTS_A_MINUTE = 12
const SLOT_KEPT_MS = 120_000

/** An entry of a user's hash; see `presence.lua.ts`. */
interface Entry {
  readonly s: Sighting
  readonly u: Instant
  readonly a: Instant
  readonly p: number
  readonly c: number
  readonly d: number
}

/**
 * Presence in Redis: a hash for each user, changed by scripts; `…:online` all devices by when they cease to be here;
 * `…:pages:<slot>` pages of five seconds. The scripts decide, one user at a time; the count of all follows them, and is
 * wrong for as long as a server that died in between would have told.
 */
export class RedisPresence implements Presence {
  readonly #connection: RedisConnection
  readonly #prefix: string
  readonly #now: (() => Instant) | undefined

  /** `now`: the presence's time; default Redis' own clock, the same for all clients. For tests. */
  constructor(connection: RedisConnection, options: { prefix: string; now?: (() => Instant) | undefined }) {
    this.#connection = connection
    this.#prefix = `${options.prefix}presence:`
    this.#now = options.now
  }

  async see(sightings: readonly Sighting[], hereMs: number): Promise<void> {
    const rules = [hereMs, CARRY_MS, KEEP_AWAY_MS, MOST_DEVICES].map(String)
    const here = await Promise.all(
      byUser(sightings).map(async ([userId, own]) => {
        const answer = await this.#script(seeScript, userId, [...rules, JSON.stringify(own)])
        const [now = 0, ...counted] = answer as readonly number[]
        return counted.flatMap((number) => [String(now + hereMs), memberOf(own[number - 1]!)])
      }),
    )
    const members = here.flat()
    if (members.length > 0) await this.#connection.call('writes', 'ZADD', [this.#online, ...members])
  }

  async leave(over: readonly Pick<Sighting, 'userId' | 'deviceId' | 'connectionId'>[]): Promise<void> {
    const gone = await Promise.all(
      byUser(over).map(async ([userId, own]) => {
        const pairs = own.flatMap(({ deviceId, connectionId }) => [deviceId, connectionId])
        const away = (await this.#script(leaveScript, userId, pairs)) as readonly number[]
        return away.map((number) => memberOf(own[number - 1]!))
      }),
    )
    const members = gone.flat()
    if (members.length > 0) await this.#connection.call('writes', 'ZREM', [this.#online, ...members])
  }

  async paid(payments: readonly DevicePayment[]): Promise<void> {
    await Promise.all(
      byUser(payments).map(([userId, own]) =>
        this.#script(
          paidScript,
          userId,
          own.flatMap(({ deviceId, coins }) => [deviceId, String(coins)]),
        ),
      ),
    )
  }

  async delivered(pages: number): Promise<void> {
    const key = this.#slotKey(Math.floor((await this.#time()) / SLOT_MS))
    await Promise.all([
      this.#connection.call('writes', 'INCRBY', [key, String(pages)]),
      this.#connection.call('writes', 'PEXPIRE', [key, String(SLOT_KEPT_MS)]),
    ])
  }

  async devicesOf(userId: UserId): Promise<readonly SeenDevice[]> {
    const [now, hash] = (await this.#script(devicesScript, userId, [])) as [number, readonly string[]]
    const entries = hash.filter((_, index) => index % 2 === 1).map((text) => JSON.parse(text) as Entry)
    return entries
      .filter(({ u }) => now - u < KEEP_AWAY_MS)
      .map((entry) => seenDevice(entry, now))
      .sort(compareDevices)
  }

  async forget(userId: UserId, deviceId: DeviceId): Promise<boolean> {
    return (await this.#script(forgetScript, userId, [deviceId])) === 1
  }

  async bustle(): Promise<Bustle> {
    const now = await this.#time()
    const newest = Math.floor(now / SLOT_MS)
    const slots = Array.from({ length: SLOTS_A_MINUTE }, (_, back) => this.#slotKey(newest - back))
    const [, online, counts] = await Promise.all([
      this.#connection.call('writes', 'ZREMRANGEBYSCORE', [this.#online, '-inf', String(now)]),
      this.#connection.call('reads', 'ZCARD', [this.#online]),
      Promise.all(slots.map((slot) => this.#connection.call('reads', 'GET', [slot]))),
    ])
    const pagesPerMinute = counts.reduce<number>((sum, count) => sum + Number(count ?? 0), 0)
    return { minersOnline: Number(online), pagesPerMinute }
  }

  #script(script: string, userId: UserId, args: readonly string[]): Promise<unknown> {
    const now = this.#now === undefined ? '' : String(this.#now())
    return this.#connection.call('writes', 'EVAL', [script, '1', `${this.#prefix}user:${userId}`, now, ...args])
  }

  async #time(): Promise<Instant> {
    if (this.#now !== undefined) return this.#now()
    const [seconds, microseconds] = (await this.#connection.call('reads', 'TIME', [])) as [string, string]
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
  }

  get #online(): string {
    return `${this.#prefix}online`
  }

  #slotKey(slot: number): string {
    return `${this.#prefix}pages:${slot}`
  }
}

function byUser<T extends { readonly userId: UserId }>(items: readonly T[]): [UserId, T[]][] {
  const users = new Map<UserId, T[]>()
  for (const item of items) {
    const own = users.get(item.userId)
    if (own) own.push(item)
    else users.set(item.userId, [item])
  }
  return [...users]
}

function memberOf({ userId, deviceId }: { readonly userId: UserId; readonly deviceId: DeviceId }): string {
  return `${userId}/${deviceId}`
}

function seenDevice({ s, u, a, p, c, d }: Entry, now: Instant): SeenDevice {
  return {
    deviceId: s.deviceId,
    name: s.name,
    version: s.version,
    here: u > now,
    connectedAt: s.connectedAt,
    seenAt: a,
    pages: p + s.pages,
    coins: c + s.coins,
    paidCoins: d,
    ...(s.idle !== undefined && { idle: s.idle }),
  }
}

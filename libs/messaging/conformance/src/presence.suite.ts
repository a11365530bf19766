import { CARRY_MS, KEEP_AWAY_MS, MOST_DEVICES, type Presence, type Sighting } from '@quarry/messaging-port'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TEST_TIMEOUT_MS } from './waiting.ts'

/** One picture of who is there, on a simulated clock, reached by any number of services. */
export interface PresenceHarness {
  connect(): Promise<Presence>
  now(): number
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

const HERE_MS = 15_000

/** What every `Presence` must do; `open` gives a fresh picture for each test. */
export function presenceSuite(name: string, open: () => Promise<PresenceHarness>): void {
  async function start() {
    const harness = await open()
    onTestFinished(() => harness.close())
    const [presence, other] = [await harness.connect(), await harness.connect()]
    const sighting = (more: Partial<Sighting> = {}): Sighting => ({
      userId: 'ada',
      deviceId: 'd1',
      connectionId: 'c1',
      connectedAt: harness.now(),
      name: 'attic',
      version: '1.0',
      pages: 0,
      coins: 0,
      ...more,
    })
    const see = (...sightings: Partial<Sighting>[]) => presence.see(sightings.map(sighting), HERE_MS)
    const only = async (userId = 'ada') => {
      const devices = await other.devicesOf(userId)
      expect(devices).toHaveLength(1)
      return devices[0]!
    }
    return { harness, presence, other, sighting, see, only }
  }

  describe(`Presence: ${name}`, { timeout: TEST_TIMEOUT_MS }, () => {
    test('a device is there for its owner alone, on every service, as it was last sighted', async () => {
      const { harness, other, see, only } = await start()
      const connectedAt = harness.now()
      await see({ idle: 'no-jobs' }, { userId: 'bob', deviceId: 'd1', name: 'ü <b>' })
      expect(await only()).toEqual({
        deviceId: 'd1',
        name: 'attic',
        version: '1.0',
        here: true,
        idle: 'no-jobs',
        connectedAt,
        seenAt: connectedAt,
        pages: 0,
        coins: 0,
        paidCoins: 0,
      })
      expect((await only('bob')).name).toBe('ü <b>')
      expect(await other.devicesOf('eve')).toEqual([])
      await harness.pass(1000)
      await see({ connectedAt, pages: 3, coins: 4 })
      expect(await only()).toMatchObject({ pages: 3, coins: 4, connectedAt, seenAt: connectedAt + 1000 })
      expect(await only()).not.toHaveProperty('idle')
    })

    test('a device that is not sighted again is away after its time, and says when it was last seen', async () => {
      const { harness, presence, see, only } = await start()
      const at = harness.now()
      await see({})
      await harness.pass(HERE_MS - 1)
      expect(await only()).toMatchObject({ here: true })
      expect((await presence.bustle()).minersOnline).toBe(1)
      await harness.pass(1)
      expect(await only()).toMatchObject({ here: false, seenAt: at })
      expect((await presence.bustle()).minersOnline).toBe(0)
      await see({ connectedAt: at })
      expect(await only()).toMatchObject({ here: true })
    })

    test('a connection that is over makes its device away at once, but not a newer one of the same device', async () => {
      const { harness, presence, other, see, only } = await start()
      await see({})
      await harness.pass(1000)
      await presence.leave([{ userId: 'ada', deviceId: 'd1', connectionId: 'c1' }])
      expect(await only()).toMatchObject({ here: false, seenAt: harness.now() })
      await see({ connectionId: 'c2' })
      await other.leave([
        { userId: 'ada', deviceId: 'd1', connectionId: 'c1' },
        { userId: 'ada', deviceId: 'unknown', connectionId: 'c1' },
        { userId: 'nobody', deviceId: 'd1', connectionId: 'c2' },
      ])
      expect(await only()).toMatchObject({ here: true })
      expect((await other.bustle()).minersOnline).toBe(1)
    })

    test('of two connections of one device the one begun later counts, whoever speaks last', async () => {
      const { harness, presence, other, sighting, only } = await start()
      const older = sighting()
      await harness.pass(500)
      const newer = sighting({ connectionId: 'c2', name: 'cellar' })
      await Promise.all([presence.see([older], HERE_MS), other.see([newer], HERE_MS), presence.see([older], HERE_MS)])
      await presence.see([older], HERE_MS)
      expect(await only()).toMatchObject({ name: 'cellar', connectedAt: newer.connectedAt })
      expect((await other.bustle()).minersOnline).toBe(1)
    })

    test('counts go on over a short absence, and begin anew after a long one', async () => {
      const { harness, presence, see, only } = await start()
      await see({ pages: 5, coins: 7 })
      await presence.paid([{ userId: 'ada', deviceId: 'd1', coins: 6 }])
      await presence.leave([{ userId: 'ada', deviceId: 'd1', connectionId: 'c1' }])
      await harness.pass(CARRY_MS - 1)
      await see({ connectionId: 'c2', pages: 1, coins: 1 })
      await see({ connectionId: 'c2', pages: 2, coins: 3 })
      expect(await only()).toMatchObject({ pages: 7, coins: 10, paidCoins: 6 })
      await presence.leave([{ userId: 'ada', deviceId: 'd1', connectionId: 'c2' }])
      await harness.pass(CARRY_MS)
      await see({ connectionId: 'c3', pages: 1, coins: 1 })
      expect(await only()).toMatchObject({ pages: 1, coins: 1, paidCoins: 0 })
    })

    test('coins are counted as paid for devices on the list only, by several services at once', async () => {
      const { presence, other, see, only } = await start()
      await see({ coins: 10 })
      const payment = { userId: 'ada', deviceId: 'd1', coins: 2 }
      await Promise.all([presence.paid([payment, payment]), other.paid([payment]), presence.paid([])])
      await presence.paid([{ ...payment, deviceId: 'unknown' }])
      await presence.paid([{ ...payment, userId: 'nobody' }])
      expect(await only()).toMatchObject({ coins: 10, paidCoins: 6 })
      expect(await other.devicesOf('nobody')).toEqual([])
    })

    test('lists who is here by name, then who is away by when they were last seen', async () => {
      const { harness, presence, other, see } = await start()
      for (const [deviceId, away] of [
        ['late', true],
        ['b', false],
        ['a', false],
      ] as const) {
        await see({ deviceId, name: deviceId, connectionId: deviceId })
        if (away) await presence.leave([{ userId: 'ada', deviceId, connectionId: deviceId }])
      }
      await see({ deviceId: 'later', name: 'later', connectionId: 'x' })
      await harness.pass(10)
      await presence.leave([{ userId: 'ada', deviceId: 'later', connectionId: 'x' }])
      expect((await other.devicesOf('ada')).map(({ deviceId }) => deviceId)).toEqual(['a', 'b', 'later', 'late'])
    })

    test('a device that is away can be forgotten, one that is here cannot', async () => {
      const { presence, other, see } = await start()
      await see({})
      expect(await other.forget('ada', 'd1')).toBe(false)
      await presence.leave([{ userId: 'ada', deviceId: 'd1', connectionId: 'c1' }])
      expect(await other.forget('bob', 'd1')).toBe(false)
      expect(await other.forget('ada', 'd1')).toBe(true)
      expect(await other.forget('ada', 'd1')).toBe(false)
      expect(await presence.devicesOf('ada')).toEqual([])
    })

    test('forgets by itself who is away for long, and of too many devices those away longest', async () => {
      const { harness, presence, other, see } = await start()
      await see({ deviceId: 'old' })
      await harness.pass(HERE_MS + KEEP_AWAY_MS)
      expect(await other.devicesOf('ada')).toEqual([])
      for (let number = 0; number < MOST_DEVICES + 5; number++) {
        const one = { userId: 'ada', deviceId: `n${number}`, connectionId: `n${number}` }
        await see(one)
        await presence.leave([one])
        await harness.pass(1)
      }
      const devices = await other.devicesOf('ada')
      expect(devices.length).toBeLessThanOrEqual(MOST_DEVICES)
      expect(devices.map(({ deviceId }) => deviceId)).toContain(`n${MOST_DEVICES + 4}`)
      expect(devices.map(({ deviceId }) => deviceId)).not.toContain('n0')
    })

    test('counts the pages of the last minute, of all services, and lets them pass', async () => {
      const { harness, presence, other } = await start()
      expect(await presence.bustle()).toEqual({ minersOnline: 0, pagesPerMinute: 0 })
      await Promise.all([presence.delivered(2), other.delivered(3)])
      await harness.pass(30_000)
      await other.delivered(4)
      expect((await presence.bustle()).pagesPerMinute).toBe(9)
      await harness.pass(35_000)
      expect((await presence.bustle()).pagesPerMinute).toBe(4)
      await harness.pass(60_000)
      expect((await presence.bustle()).pagesPerMinute).toBe(0)
    })
  })
}

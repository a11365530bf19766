import { onEngine } from '@quarry/engines-under-test'
import { presenceSuite, SteppedClock } from '@quarry/messaging-conformance'
import { expect, onTestFinished, test } from 'vitest'
import { openHarness } from './test-harness.ts'

onEngine('redis', (address) => {
  presenceSuite('redis', async () => {
    const clock = new SteppedClock(1_700_000_000_000)
    const harness = await openHarness(address, { now: () => clock.now() })
    return {
      connect: async () => (await harness.open()).presence,
      now: () => clock.now(),
      pass: (ms) => clock.pass(ms),
      close: () => harness.close(),
    }
  })

  test('goes by the clock of Redis, and everything in it expires by itself', async () => {
    const harness = await openHarness(address)
    onTestFinished(() => harness.close())
    const { presence } = await harness.open()
    const device = { userId: 'ada', deviceId: 'd', connectionId: 'c', name: 'n', version: '1', pages: 0, coins: 0 }
    await presence.see([{ ...device, connectedAt: await harness.now() }], 60_000)
    await presence.delivered(1)
    expect(await presence.devicesOf('ada')).toMatchObject([{ here: true }])
    expect(await presence.bustle()).toEqual({ minersOnline: 1, pagesPerMinute: 1 })
    const keys = await harness.admin.keys(`${harness.keyPrefix}presence:*`)
    const lives = await Promise.all(keys.map(async (key) => [key.split(':').at(-2), await harness.admin.pttl(key)]))
    expect(lives.filter(([part, life]) => part !== 'presence' && Number(life) <= 0)).toEqual([])
    await harness.loseMemory()
    expect(await presence.devicesOf('ada')).toEqual([])
  })
})

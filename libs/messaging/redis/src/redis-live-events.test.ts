import type { LiveEvent } from '@quarry/contracts'
import { onEngine } from '@quarry/engines-under-test'
import { expect, onTestFinished, test } from 'vitest'
import { openHarness } from './test-harness.ts'

onEngine('redis', (address) => {
  async function start() {
    const harness = await openHarness(address)
    onTestFinished(() => harness.close())
    return { harness, live: (await harness.open()).live }
  }

  test('what is no event, or of an unknown kind, is dropped and counted; what follows is heard', async () => {
    const { harness, live } = await start()
    const heard: LiveEvent[] = []
    live.subscribe('user:ada', (event) => heard.push(event))
    await harness.subscribed()
    const unreadable = [
      '',
      'null',
      '[]',
      '{',
      '{"kind":7}',
      '{"kind":"toString"}',
      '{"kind":"run-stored","orderId":"o"}',
    ]
    for (const message of unreadable) await harness.admin.publish(`${harness.keyPrefix}live:user:ada`, message)
    live.publish('user:ada', { kind: 'results-waiting' })
    await expect.poll(() => heard).toEqual([{ kind: 'results-waiting' }])
    expect(live.lost).toEqual({ unsent: 0, unreadable: unreadable.length })
  })

  test('a channel is left when its last listener has gone, and not before', async () => {
    const { harness, live } = await start()
    const channel = `${harness.keyPrefix}live:bucket:3`
    const subscribers = async () => Number((await harness.admin.pubsub('NUMSUB', channel))[1])
    const stops = [live.subscribe('bucket:3', () => undefined), live.subscribe('bucket:3', () => undefined)]
    await harness.subscribed()
    expect(await subscribers()).toBe(1)
    stops[0]?.()
    stops[0]?.()
    await harness.subscribed()
    expect(await subscribers()).toBe(1)
    stops[1]?.()
    await harness.subscribed()
    expect(await subscribers()).toBe(0)
    live.subscribe('bucket:3', () => undefined)
    await harness.subscribed()
    expect(await subscribers()).toBe(1)
  })

  test('after it was closed, publishing and subscribing do nothing and throw nothing', async () => {
    const { harness } = await start()
    const redis = await harness.open()
    await redis.close()
    redis.live.publish('bucket:1', { kind: 'bucket-changed' })
    redis.live.subscribe('bucket:1', () => undefined)()
    expect(redis.live.lost.unsent).toBe(1)
    await expect(redis.check()).rejects.toMatchObject({ name: 'Unavailable' })
  })
})

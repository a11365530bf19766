import { liveEventsSuite, SteppedClock } from '@quarry/messaging-conformance'
import { expect, test } from 'vitest'
import { MemoryLiveEvents } from './memory-live-events.ts'

async function open() {
  const events = new MemoryLiveEvents()
  const clock = new SteppedClock(0)
  return {
    connect: async () => events,
    subscribed: async () => undefined,
    pass: (ms: number) => clock.pass(ms),
    close: async () => undefined,
  }
}

liveEventsSuite('memory', open, { time: 'simulated' })

test('who unsubscribes while an event is on its way does not hear it', async () => {
  const events = new MemoryLiveEvents()
  let heard = 0
  const stop = events.subscribe('bucket:1', () => (heard += 1))
  events.publish('bucket:1', { kind: 'bucket-changed' })
  stop()
  await Promise.resolve()
  expect(heard).toBe(0)
})

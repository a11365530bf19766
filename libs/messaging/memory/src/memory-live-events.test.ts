import { liveEventsSuite, SteppedClock } from '@quarry/messaging-conformance'
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

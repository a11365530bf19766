import { presenceSuite, SteppedClock } from '@quarry/messaging-conformance'
import { MemoryPresence } from './memory-presence.ts'

presenceSuite('memory', async () => {
  const clock = new SteppedClock(1_700_000_000_000)
  const presence = new MemoryPresence(clock)
  return {
    connect: async () => presence,
    now: () => clock.now(),
    pass: (ms) => clock.pass(ms),
    close: async () => undefined,
  }
})

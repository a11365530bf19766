import { jobQueueSuite, liveEventsSuite } from '@quarry/messaging-conformance'
import { onEngine } from '@quarry/engines-under-test'
import { openHarness } from './test-harness.ts'

onEngine('redis', (address) => {
  jobQueueSuite('redis', () => openHarness(address), { time: 'real' })
  liveEventsSuite('redis', () => openHarness(address), { time: 'real' })
})

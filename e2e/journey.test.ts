import { expect } from 'vitest'
import { journey, journeyEnv } from './src/journey.ts'
import { Marketplace } from './src/marketplace.ts'

journey(
  'in one process',
  () => Marketplace.start(journeyEnv),
  async (market) => {
    market.process.signal('SIGTERM')
    expect(await market.process.exit()).toBe(0)
  },
)

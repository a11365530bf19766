import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

const whole = z.coerce.number().int().min(1)

export const miningServerConfig = defineConfig('mining-server', {
  leaseMs: {
    variable: 'QUARRY_LEASE_MS',
    schema: whole.default(40_000),
    about: 'how long a miner has for one attempt: the 30 s of a fetch and 10 s to hand it in',
  },
  maxBodyBytes: {
    variable: 'QUARRY_MAX_BODY_BYTES',
    schema: whole.max(10 * 1024 * 1024).default(10 * 1024 * 1024),
    about: 'most bytes of a page after decoding, 10 MiB at most',
  },
  reapMs: { variable: 'QUARRY_REAP_MS', schema: whole.default(1000), about: 'how often expired leases are looked for' },
  maxMinersPerUser: {
    variable: 'QUARRY_MAX_MINERS_PER_USER',
    schema: whole.default(50),
    about: 'connections of one account to one server',
  },
})

export type MiningServerConfig = ReturnType<typeof miningServerConfig.read>

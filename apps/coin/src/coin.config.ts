import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

/** How settlements are batched: a batch closes by size or by age, whichever comes first. */
export const coinConfig = defineConfig('coin', {
  batchTransfers: {
    variable: 'QUARRY_COIN_BATCH_TRANSFERS',
    schema: z.coerce.number().int().min(1).max(1000).default(200),
    about: 'settlements in one batch at most',
  },
  batchWaitMs: {
    variable: 'QUARRY_COIN_BATCH_WAIT_MS',
    schema: z.coerce.number().int().min(0).max(5000).optional(),
    about: 'longest time a settlement waits for its batch to fill; unset: 50, on the cluster 500',
  },
  sweepMs: {
    variable: 'QUARRY_COIN_SWEEP_MS',
    schema: z.coerce.number().int().min(100).max(600_000).default(3000),
    about: 'pause between two looks for transfers that a dead coin service left halfway',
  },
  sweepAgeMs: {
    variable: 'QUARRY_COIN_SWEEP_AGE_MS',
    schema: z.coerce.number().int().min(0).max(600_000).default(10_000),
    about: 'age from which a transfer halfway counts as left by a dead coin service',
  },
})

export type CoinConfig = ReturnType<typeof coinConfig.read>

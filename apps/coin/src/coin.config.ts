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
    schema: z.coerce.number().int().min(0).max(5000).default(50),
    about: 'longest time a settlement waits for its batch to fill',
  },
})

export type CoinConfig = ReturnType<typeof coinConfig.read>

import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

const whole = z.coerce.number().int().min(0)

export const resultServerConfig = defineConfig('result-server', {
  batchResults: {
    variable: 'QUARRY_RESULT_BATCH',
    schema: whole.min(1).max(1000).default(200),
    about: 'results stored in one batch at most',
  },
  batchWaitMs: {
    variable: 'QUARRY_RESULT_BATCH_WAIT_MS',
    schema: whole.max(1000).default(8),
    about: 'longest time a result waits for its batch to fill',
  },
  maxReceiversPerUser: {
    variable: 'QUARRY_MAX_RECEIVERS_PER_USER',
    schema: whole.min(1).default(20),
    about: 'connections of one account to one server',
  },
  retentionDays: {
    variable: 'QUARRY_RETENTION_DAYS',
    schema: whole.min(1).default(30),
    about: 'how long results are kept',
  },
})

export type ResultServerConfig = ReturnType<typeof resultServerConfig.read>

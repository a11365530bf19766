import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

export const schedulerManagerConfig = defineConfig('scheduler-manager', {
  managerId: {
    variable: 'QUARRY_MANAGER_ID',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')
      .optional(),
    about: 'name of this manager in logs and in the lease; a new one at every start when unset',
  },
  renewMs: {
    variable: 'QUARRY_MANAGER_RENEW_MS',
    schema: z.coerce.number().int().min(50).default(1000),
    about: 'how often the primary renews its lease, and a backup looks at it',
  },
  takeOverMs: {
    variable: 'QUARRY_MANAGER_TAKE_OVER_MS',
    schema: z.coerce.number().int().min(100).default(4000),
    about: 'how long the lease must stand still before a backup takes it over',
  },
})

export type SchedulerManagerConfig = ReturnType<typeof schedulerManagerConfig.read>

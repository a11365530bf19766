import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

const ms = z.coerce.number().int().min(1)

export const schedulerConfig = defineConfig('scheduler', {
  schedulerId: {
    variable: 'QUARRY_SCHEDULER_ID',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')
      .optional(),
    about: 'name of this scheduler in logs and in the buckets it owns; a new one at every start when unset',
  },
  managerSilenceMs: {
    variable: 'QUARRY_MANAGER_SILENCE_MS',
    schema: ms.default(4000),
    about: 'how long a scheduler-manager may be silent before another is tried',
  },
  watermarkMs: {
    variable: 'QUARRY_WATERMARK_MS',
    schema: ms.default(2000),
    about: 'how often watermarks move; a crash emits at most this much again',
  },
  rereadMs: {
    variable: 'QUARRY_REREAD_MS',
    schema: ms.default(3000),
    about: 'how often changes are looked for that no hint told of',
  },
  closeMs: {
    variable: 'QUARRY_CLOSE_MS',
    schema: ms.default(3000),
    about: 'how often emitted orders are looked at for being settled',
  },
})

export type SchedulerConfig = ReturnType<typeof schedulerConfig.read>

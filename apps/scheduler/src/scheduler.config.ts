import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

const ms = z.coerce.number().int().min(1)

export const schedulerConfig = defineConfig('scheduler', {
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

import type { ServiceDefinition } from '@quarry/service-kit'
import { schedulerConfig } from './scheduler.config.ts'
import { SchedulerModule } from './scheduler.module.ts'

/** The service as it is started, alone or with others. */
export const schedulerService: ServiceDefinition = {
  name: 'scheduler',
  module: SchedulerModule,
  config: schedulerConfig,
  needs: ['stores', 'frontier', 'streams'],
}

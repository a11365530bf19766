import type { ServiceDefinition } from '@quarry/service-kit'
import { schedulerManagerConfig } from './scheduler-manager.config.ts'
import { SchedulerManagerModule } from './scheduler-manager.module.ts'

/** The service as it is started, alone or with others. */
export const schedulerManagerService: ServiceDefinition = {
  name: 'scheduler-manager',
  module: SchedulerManagerModule,
  config: schedulerManagerConfig,
  needs: ['stores'],
}

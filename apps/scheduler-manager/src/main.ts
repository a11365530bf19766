import { runService } from '@quarry/service-kit'
import { schedulerManagerConfig } from './scheduler-manager.config.ts'
import { SchedulerManagerModule } from './scheduler-manager.module.ts'

await runService({ name: 'scheduler-manager', module: SchedulerManagerModule, config: schedulerManagerConfig })

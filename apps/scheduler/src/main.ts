import { runService } from '@quarry/service-kit'
import { schedulerConfig } from './scheduler.config.ts'
import { SchedulerModule } from './scheduler.module.ts'

await runService({ name: 'scheduler', module: SchedulerModule, config: schedulerConfig })

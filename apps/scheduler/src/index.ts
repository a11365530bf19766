export { SchedulerModule } from './scheduler.module.ts'
export { schedulerConfig } from './scheduler.config.ts'

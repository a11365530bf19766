export { SchedulerManagerModule } from './scheduler-manager.module.ts'
export { schedulerManagerConfig } from './scheduler-manager.config.ts'

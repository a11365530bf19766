export { schedulerManagerService } from './scheduler-manager.service.ts'

export { schedulerService } from './scheduler.service.ts'

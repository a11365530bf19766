import { runService } from '@quarry/service-kit'
import { schedulerService } from './scheduler.service.ts'

await runService(schedulerService)

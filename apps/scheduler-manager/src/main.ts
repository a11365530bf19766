import { runService } from '@quarry/service-kit'
import { schedulerManagerService } from './scheduler-manager.service.ts'

await runService(schedulerManagerService)

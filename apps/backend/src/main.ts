import { runService } from '@quarry/service-kit'
import { backendService } from './backend.service.ts'

await runService(backendService)

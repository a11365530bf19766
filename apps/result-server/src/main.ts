import { runService } from '@quarry/service-kit'
import { resultServerService } from './result-server.service.ts'

await runService(resultServerService)

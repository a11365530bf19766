import { runService } from '@quarry/service-kit'
import { miningServerService } from './mining-server.service.ts'

await runService(miningServerService)

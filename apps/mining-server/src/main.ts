import { runService } from '@quarry/service-kit'
import { miningServerConfig } from './mining-server.config.ts'
import { MiningServerModule } from './mining-server.module.ts'

await runService({ name: 'mining-server', module: MiningServerModule, config: miningServerConfig })

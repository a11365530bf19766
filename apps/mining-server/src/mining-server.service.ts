import type { ServiceDefinition } from '@quarry/service-kit'
import { miningServerConfig } from './mining-server.config.ts'
import { MiningServerModule } from './mining-server.module.ts'

/** The service as it is started, alone or with others. */
export const miningServerService: ServiceDefinition = {
  name: 'mining-server',
  module: MiningServerModule,
  config: miningServerConfig,
  needs: ['frontier', 'streams'],
}

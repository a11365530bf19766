import type { ServiceDefinition } from '@quarry/service-kit'
import { resultServerConfig } from './result-server.config.ts'
import { ResultServerModule } from './result-server.module.ts'

/** The service as it is started, alone or with others. */
export const resultServerService: ServiceDefinition = {
  name: 'result-server',
  module: ResultServerModule,
  config: resultServerConfig,
  needs: ['stores', 'frontier', 'streams'],
}

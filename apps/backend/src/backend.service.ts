import type { ServiceDefinition } from '@quarry/service-kit'
import { backendConfig } from './backend.config.ts'
import { BackendModule } from './backend.module.ts'

/** The service as it is started, alone or with others. */
export const backendService: ServiceDefinition = {
  name: 'backend',
  module: BackendModule,
  config: backendConfig,
  needs: ['stores', 'frontier'],
}

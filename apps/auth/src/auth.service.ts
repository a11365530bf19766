import type { ServiceDefinition } from '@quarry/service-kit'
import { authConfig } from './auth.config.ts'
import { AuthModule } from './auth.module.ts'

/** The service as it is started, alone or with others. */
export const authService: ServiceDefinition = {
  name: 'auth',
  module: AuthModule,
  config: authConfig,
  needs: ['stores', 'hints'],
}

import type { ServiceDefinition } from '@quarry/service-kit'
import { routesConfig } from './routes.config.ts'
import { RoutesModule } from './routes.module.ts'

/** The service as it is started. */
export const routesService: ServiceDefinition = {
  name: 'routes',
  module: RoutesModule,
  config: routesConfig,
  needs: [],
}

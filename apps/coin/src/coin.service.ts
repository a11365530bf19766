import type { ServiceDefinition } from '@quarry/service-kit'
import { coinConfig } from './coin.config.ts'
import { CoinModule } from './coin.module.ts'

/** The service as it is started, alone or with others. */
export const coinService: ServiceDefinition = {
  name: 'coin',
  module: CoinModule,
  config: coinConfig,
  needs: ['stores', 'frontier', 'streams'],
}

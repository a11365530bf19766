import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { placeConfig } from '../config/kernel-config.ts'
import { ConfigError, type Environment } from '../config/settings.ts'
import { createLogger } from '../kernel.module.ts'
import { systemClock } from '../system-clock.ts'
import type { Stores } from './engines.ts'
import { openEngines } from './open-engines.ts'

/**
 * The stores for a command that runs beside the services and ends, found by the same variables. Throws `ConfigError` when
 * there is no database where one machine keeps it: opening would make an empty one, and every command find it in order.
 */
export async function openStoresForCommand(
  name: string,
  env: Environment,
): Promise<Stores & { close(): Promise<void> }> {
  const { engines, dataDir } = placeConfig.read(env)
  if (engines === 'one-machine' && !existsSync(join(dataDir, 'quarry.db')))
    throw new ConfigError(`There is no quarry.db in ${dataDir}; name its folder by QUARRY_DATA.`)
  const logger = createLogger({ logLevel: 'warn' }, name)
  const opened = await openEngines({ engines, dataDir }, ['stores'], {
    env,
    clock: systemClock,
    logger,
    metrics: new Registry(),
  })
  return opened as Stores & { close(): Promise<void> }
}

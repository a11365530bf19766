import { Module } from '@nestjs/common'
import { authService } from '@quarry/auth'
import { backendService } from '@quarry/backend'
import { coinService } from '@quarry/coin'
import { miningServerService } from '@quarry/mining-server'
import { resultServerService } from '@quarry/result-server'
import { schedulerService } from '@quarry/scheduler'
import { schedulerManagerService } from '@quarry/scheduler-manager'
import { lockFolder } from '@quarry/cli-kit'
import {
  ConfigError,
  startServices,
  type Environment,
  type RunningServices,
  type ServiceDefinition,
} from '@quarry/service-kit'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import type { StandaloneOptions } from './options.ts'
import { loadSecrets } from './secrets.ts'
import { serveSite } from './site.ts'

const FIRST_PORT = 8080

/** Nobody else can lead here, so the manager of a start after a crash need not wait long to see that the last one is gone. */
const aloneInItsFolder = { QUARRY_MANAGER_RENEW_MS: '250', QUARRY_MANAGER_TAKE_OVER_MS: '1000' }

/** The site's files, which `prepare` serves whichever services run; chosen alone it is nothing but they. */
@Module({})
class WebModule {}

/** Every service, in the order in which they are started. */
const services: readonly ServiceDefinition[] = [
  authService,
  coinService,
  backendService,
  schedulerManagerService,
  schedulerService,
  miningServerService,
  resultServerService,
  { name: 'web', module: WebModule, needs: [] },
]

/** Starts the chosen services in this process, with the site in front. Throws `ConfigError` with what has to be mended. */
export async function startMarketplace(options: StandaloneOptions, env: Environment): Promise<RunningServices> {
  const { dataDir, host } = options
  const secrets = loadSecrets(dataDir)
  if (options.services === undefined) lockForThisProcess(dataDir)
  const chosen = services.filter(({ name }) => options.services?.includes(name) ?? true)
  const port =
    options.port ?? (env.QUARRY_PORT === undefined ? await freePort(FIRST_PORT, host) : Number(env.QUARRY_PORT))
  return startServices(chosen, {
    env: {
      QUARRY_FAUCET: 'true',
      QUARRY_LOG_LEVEL: 'warn',
      ...(options.services === undefined && aloneInItsFolder),
      ...secrets,
      ...env,
      QUARRY_DATA: dataDir,
      QUARRY_HOST: host,
      QUARRY_PORT: String(port),
    },
    prepare: (app) => serveSite(app, fileURLToPath(new URL('../../web/dist', import.meta.url))),
  })
}

/** Two whole marketplaces on one folder would each emit every job; services started apart share a folder on purpose. */
function lockForThisProcess(dataDir: string): void {
  try {
    process.once('exit', lockFolder(dataDir, '.quarry.lock'))
  } catch (error) {
    throw new ConfigError((error as Error).message, { cause: error })
  }
}

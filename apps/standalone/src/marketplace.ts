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
  READINESS,
  startServices,
  type Readiness,
  type Environment,
  type RunningServices,
  type ServiceDefinition,
} from '@quarry/service-kit'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import type { StandaloneOptions } from './options.ts'
import { loadSecrets } from './secrets.ts'
import { serveSite } from './site.ts'

const FIRST_PORT = 8080
const READY_MS = 10_000
const READY_LOOK_MS = 20

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
  const running = await startServices(chosen, {
    env: {
      QUARRY_FAUCET: 'true',
      QUARRY_LOG_LEVEL: 'warn',
      ...(env.QUARRY_SMTP_URL === undefined && env.QUARRY_SMTP_URL_FILE === undefined && { QUARRY_MAIL: 'log' }),
      ...(options.services === undefined && aloneInItsFolder),
      ...secrets,
      ...env,
      QUARRY_DATA: dataDir,
      QUARRY_HOST: host,
      QUARRY_PORT: String(port),
    },
    prepare: (app) => serveSite(app, fileURLToPath(new URL('../../web/dist', import.meta.url))),
  })
  await untilReady(running)
  return running
}

/**
 * Waits until every service can do its work, so that the address is only told when it leads somewhere. What takes longer
 * than this is told by /readyz; the marketplace goes on trying.
 */
async function untilReady({ app, logger }: RunningServices): Promise<void> {
  const readiness = app.get<Readiness>(READINESS)
  const until = performance.now() + READY_MS
  while ((await readiness.view()).status !== 'ok') {
    if (performance.now() > until) return logger.warn((await readiness.view()).checks, 'not everything is ready yet')
    await sleep(READY_LOOK_MS)
  }
}

/** Two whole marketplaces on one folder would each emit every job; services started apart share a folder on purpose. */
function lockForThisProcess(dataDir: string): void {
  try {
    process.once('exit', lockFolder(dataDir, '.quarry.lock'))
  } catch (error) {
    throw new ConfigError((error as Error).message, { cause: error })
  }
}

import { WrongCredentials } from '@quarry/domain'
import type { Rabbit } from '@quarry/messaging-rabbitmq'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { placeConfig } from '../config/kernel-config.ts'
import { ConfigError, type Environment } from '../config/settings.ts'
import { createLogger } from '../kernel.module.ts'
import { systemClock } from '../system-clock.ts'
import { rabbitConfig } from './cluster-config.ts'
import type { Stores } from './engines.ts'
import { openEngines } from './open-engines.ts'

const PATIENCE_MS = 5_000

/**
 * The stores for a command that runs beside the services and ends, found by the same variables. Throws `ConfigError` when
 * there is no database where one machine keeps it: opening would make an empty one, and every command find it in order;
 * `Unavailable` when the engine does not answer for a while: somebody sits in front of a command and waits.
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
    patienceMs: PATIENCE_MS,
  })
  return opened as Stores & { close(): Promise<void> }
}

/** The dead letters of RabbitMQ for an operator's command; throws as `openBusForCommand` does. */
export function openDeadLettersForCommand(
  env: Environment,
): Promise<{ readonly deadLetters: Rabbit['deadLetters']; close(): Promise<void> }> {
  return openRabbitForCommand(env, 'dead letters are kept by the running process')
}

/**
 * The bus, for an operator's command. Throws `ConfigError` where everything runs on one machine, whose bus lives in the
 * memory of its process, and for wrong credentials; `Unavailable` when the broker does not answer.
 */
export function openBusForCommand(env: Environment): Promise<{ readonly bus: Rabbit['bus']; close(): Promise<void> }> {
  return openRabbitForCommand(env, 'what is owed is settled by the process itself when it starts')
}

async function openRabbitForCommand(env: Environment, onOneMachine: string): Promise<Rabbit> {
  if (placeConfig.read(env).engines === 'one-machine')
    throw new ConfigError(`On one machine ${onOneMachine}; set QUARRY_ENGINES=cluster.`)
  const { url } = rabbitConfig.read(env)
  const { openRabbit } = await import('@quarry/messaging-rabbitmq')
  try {
    return await openRabbit(url)
  } catch (error) {
    if (error instanceof WrongCredentials) throw new ConfigError(error.message, { cause: error })
    throw error
  }
}

import { sleep, Unavailable, UnknownOutcome, type Clock } from '@quarry/domain'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import { ConfigError, readAll, type ConfigDefinition, type Environment } from '../config/settings.ts'
import { cassandraConfig, rabbitConfig, redisConfig } from './cluster-config.ts'
import { BusWatch } from './bus-watch.ts'
import { watchEngines } from './engine-watch.ts'
import type { EngineNeed, Frontiers, OpenedEngines, Stores, Streams } from './engines.ts'
import { LateLiveEvents } from './late-live-events.ts'

/** What opening needs from its process. */
export interface OpeningContext {
  readonly env: Environment
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Registry
  /** How long an engine that does not answer is asked again; for ever when unset, as a service does. */
  readonly patienceMs?: number
}

interface OpenedEngine<T> {
  readonly ports: T
  check(): Promise<void>
  close(): Promise<void>
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5_000

/**
 * Opens the engines that the services need, each as soon as it answers: says so once per try while it does not, and
 * tries again for as long as its patience lasts. Throws `ConfigError` for what trying again cannot mend: settings, credentials, an older schema;
 * then no other is tried any more. Once open, each is looked at now and then, and its loss and return are told of.
 */
export async function openCluster(needs: readonly EngineNeed[], context: OpeningContext): Promise<OpenedEngines> {
  const onlyHints = needs.includes('hints') && !needs.includes('frontier')
  const wanted = [...new Set(needs)].flatMap((need) => (need === 'hints' ? [] : [engines[need]]))
  readAll(
    [...wanted, ...(onlyHints ? [engines.frontier] : [])].map(({ config }) => config),
    context.env,
  )
  const opened: (readonly [name: string, engine: OpenedEngine<object>])[] = []
  const closeAll = async () => {
    await Promise.allSettled(opened.map(([, engine]) => engine.close()))
  }
  const refused = new AbortController()
  const tries = failedTries(context)
  const openings = wanted.map(async ({ name, opener }) => {
    try {
      const engine = await untilItAnswers(name, opener(context), { ...context, signal: refused.signal, tries })
      if (refused.signal.aborted) await engine.close()
      else opened.push([name, engine])
    } catch (error) {
      refused.abort(error)
      throw error
    }
  })
  try {
    await Promise.all(openings)
  } catch (error) {
    // What is just being opened is closed when it is open; the caller need not wait for that.
    await closeAll()
    throw error
  }
  const late = onlyHints ? openLate(context, { signal: refused.signal, tries }) : undefined
  const ports = Object.assign({}, late && { live: late.live }, ...opened.map(([, engine]) => engine.ports)) as Partial<
    Stores & Frontiers & Streams
  >
  const checks = Object.fromEntries(opened.map(([name, engine]) => [name, () => engine.check()]))
  const stopWatching = watchEngines(checks, context)
  const close = async () => {
    stopWatching()
    refused.abort()
    await Promise.all([closeAll(), late?.close()])
  }
  return { ...ports, checks, close }
}

/** Opens the engine of hints beside the process, which does not wait for it. */
function openLate(
  context: OpeningContext,
  trying: Pick<Trying, 'signal' | 'tries'>,
): { readonly live: LateLiveEvents; close(): Promise<void> } {
  const live = new LateLiveEvents()
  const { name } = engines.frontier
  const opening = untilItAnswers(name, () => openFrontier(context), { ...context, ...trying, patienceMs: Infinity })
  const opened = opening.then(
    (engine) => {
      live.attach(engine.ports.live)
      return engine
    },
    (err: unknown) => {
      if (!trying.signal.aborted) context.logger.error({ engine: name, err }, 'no hints are given: they cannot be sent')
      return undefined
    },
  )
  const close = async () => {
    // One that still waits for its engine ends by the signal, in its own time.
    const engine = await Promise.race([opened, Promise.resolve(undefined)])
    if (engine) await engine.close()
    else void opened.then((late) => late?.close())
  }
  return { live, close }
}

function failedTries({ metrics }: OpeningContext): Counter<'engine'> {
  return new Counter({
    name: 'quarry_engine_failed_tries_total',
    help: 'How often an engine did not answer when this process started',
    labelNames: ['engine'],
    registers: [metrics],
  })
}

interface Trying extends Pick<OpeningContext, 'clock' | 'logger' | 'patienceMs'> {
  /** Aborted when another engine can never be used: then this one is not needed. */
  readonly signal: AbortSignal
  readonly tries: Counter<'engine'>
}

async function untilItAnswers<T>(name: string, open: () => Promise<T>, trying: Trying): Promise<T> {
  const { clock, logger, signal, tries, patienceMs = Infinity } = trying
  let waitedMs = 0
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const engine = await open()
      if (waitMs > FIRST_WAIT_MS) logger.info({ engine: name }, 'engine answers now')
      return engine
    } catch (error) {
      // Lost in the middle of opening, it is opened from the beginning.
      if (!(error instanceof Unavailable || error instanceof UnknownOutcome))
        throw new ConfigError(`${name}: ${(error as Error).message}`, { cause: error })
      if (waitedMs >= patienceMs) throw error
      logger.warn(
        { engine: name, reason: error.message, retryInMs: waitMs },
        'engine does not answer yet, trying again',
      )
      tries.inc({ engine: name })
      await sleep(clock, waitMs)
      waitedMs += waitMs
      signal.throwIfAborted()
    }
  }
}

async function openStores({ env }: OpeningContext): Promise<OpenedEngine<Stores>> {
  const cassandra = await import('@quarry/storage-cassandra')
  const { nodes, keyspace, dataCenter, user, password } = cassandraConfig.read(env)
  const engine = await cassandra.CassandraEngine.open({
    contactPoints: nodes,
    keyspace,
    localDataCenter: dataCenter,
    ...(user !== undefined && password !== undefined && { credentials: { username: user, password } }),
  })
  return {
    ports: {
      users: new cassandra.CassandraUserStore(engine),
      orders: new cassandra.CassandraOrderStore(engine),
      schedule: new cassandra.CassandraScheduleStore(engine),
      ledger: new cassandra.CassandraLedgerStore(engine),
      results: new cassandra.CassandraResultStore(engine),
      leases: new cassandra.CassandraLeaderLease(engine),
      notifications: new cassandra.CassandraNotificationStore(engine),
      testFetches: new cassandra.CassandraTestFetchStore(engine),
      operator: new cassandra.CassandraOperatorStore(engine),
      people: new cassandra.CassandraPeopleStore(engine),
    },
    check: () => engine.check(),
    close: () => engine.close(),
  }
}

async function openFrontier({ env, clock, metrics }: OpeningContext): Promise<OpenedEngine<Frontiers>> {
  const { openRedis } = await import('@quarry/messaging-redis')
  const redis = await openRedis(redisConfig.read(env).url, { clock })
  new Gauge({
    name: 'quarry_live_hints_lost',
    help: 'Hints that Redis did not take, or that could not be read, since the start; nothing depends on one',
    labelNames: ['why'],
    registers: [metrics],
    collect() {
      for (const [why, count] of Object.entries(redis.live.lost)) this.set({ why }, count)
    },
  })
  return {
    ports: { jobs: redis.jobs, live: redis.live, presence: redis.presence },
    check: () => redis.check(),
    close: () => redis.close(),
  }
}

/** The watch is made once, however often opening is tried. */
function openerOfStreams({ env, logger, metrics }: OpeningContext): () => Promise<OpenedEngine<Streams>> {
  const watch = new BusWatch({ logger, metrics })
  return async () => {
    const { openRabbit } = await import('@quarry/messaging-rabbitmq')
    const rabbit = await openRabbit(rabbitConfig.read(env).url, { onEvent: watch.onEvent })
    watch.countDeadLetters(rabbit)
    return { ports: { bus: rabbit.bus }, check: () => rabbit.check(), close: () => rabbit.close() }
  }
}

const engines: Readonly<
  Record<
    Exclude<EngineNeed, 'hints'>,
    {
      readonly name: string
      readonly config: ConfigDefinition<unknown>
      readonly opener: (context: OpeningContext) => () => Promise<OpenedEngine<object>>
    }
  >
> = {
  stores: { name: 'cassandra', config: cassandraConfig, opener: (context) => () => openStores(context) },
  frontier: { name: 'redis', config: redisConfig, opener: (context) => () => openFrontier(context) },
  streams: { name: 'rabbitmq', config: rabbitConfig, opener: openerOfStreams },
}

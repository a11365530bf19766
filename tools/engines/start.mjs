/**
 * The engines of a marketplace of many machines, started without containers: on free loopback ports, in one folder, owned
 * by the process that starts them. See docs/runbooks/engines.md.
 */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cassandra } from './cassandra.mjs'
import { runEngine } from './engine.mjs'
import { openKeeper } from './keep.mjs'
import { EngineMissing } from './missing.mjs'
import { rabbitmq } from './rabbitmq.mjs'
import { recordKept, recordOwner, removeRecord } from './record.mjs'
import { redis } from './redis.mjs'
import { traefik } from './traefik.mjs'

const reviveMs = 500
const kinds = { redis, rabbitmq, cassandra, traefik }

/** The names of the engines, those of `startEngines` and `prepareEngines`. */
export const engineNames = Object.keys(kinds)

/** The variable by which services and tests find each engine; for Traefik, its program. */
export const engineVariables = Object.fromEntries(Object.values(kinds).map(({ name, variable }) => [name, variable]))

/**
 * Finds what the engines need, fetches and builds what is missing. Resolves with what was found by engine, and for each
 * engine that cannot run here the reason. `build: false` leaves out what takes minutes, that is building Traefik.
 *
 * @param {{ engines?: string[], build?: boolean, onLine?: (line: string) => void }} [options]
 */
export async function prepareEngines({ engines = engineNames, build = true, onLine = () => {} } = {}) {
  const prepared = {}
  const missing = {}
  for (const name of engines) {
    try {
      prepared[name] = await kindOf(name).prepare({ build, onLine })
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error
      missing[name] = error.message
    }
  }
  return { prepared, missing }
}

/**
 * Prepares and starts the engines together and resolves when each answers. Rejects, with nothing left running, when one
 * is missing or does not start. All end when this process ends, however it ends, unless `keep` is set.
 *
 * Without `folder` they live in a scratch folder that goes with them. With it they find there what they stored before;
 * a folder whose engines run is refused. With `revive` an engine that dies is started again on its port and data, as a
 * container with a restart policy would be. `options` are those of each kind by its name: `{ cassandra: { heap: '512m' } }`.
 *
 * @param {{ folder?: string, engines?: string[], keep?: boolean, revive?: boolean, options?: object, onLine?: (line: string) => void }} [what]
 */
export async function startEngines(what = {}) {
  const { folder, engines = engineNames, keep = false, revive = false, options = {}, onLine = () => {} } = what
  if (keep && !folder) throw new Error('Engines that are to stay need a folder.')
  const { prepared, missing } = await prepareEngines({ engines, onLine })
  const reasons = Object.values(missing)
  if (reasons.length > 0) throw new EngineMissing(reasons.join('\n'))
  const home = folder === undefined ? mkdtempSync(join(tmpdir(), 'quarry-engines-')) : resolve(folder)
  mkdirSync(home, { recursive: true })
  if (folder) recordOwner(home)
  const keeper = openKeeper(folder === undefined ? { scratch: home } : {})
  const onLost = revive ? (engine, how) => void startAgain(engine, how, { keeper, onLine }) : undefined
  try {
    const started = await startTogether({ engines, keeper, prepared, home, options, onLost, onLine })
    if (keep) {
      recordKept(home, started)
      await keeper.release()
    }
    return handle(home, started, keeper)
  } catch (error) {
    await keeper.end()
    removeRecord(home)
    throw error
  }
}

/** Waits for all of them, also after one has failed: an end must not overtake a start. */
async function startTogether({ engines, keeper, prepared, home, options, onLost, onLine }) {
  const begun = performance.now()
  const outcomes = await Promise.allSettled(
    engines.map(async (name) => {
      const folder = join(home, name)
      mkdirSync(folder, { recursive: true })
      const place = { prepared: prepared[name], folder, options: options[name] }
      const engine = await runEngine({ keeper, kind: kinds[name], ...place, onLost })
      onLine(
        `${name.padEnd(9)} ready after ${((performance.now() - begun) / 1000).toFixed(1)} s, process ${engine.pid}`,
      )
      return engine
    }),
  )
  const reasons = outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason)
  if (reasons.length > 0) throw new Error(reasons.map((reason) => reason.message).join('\n'), { cause: reasons[0] })
  return outcomes.map(({ value }) => value)
}

async function startAgain(engine, { code, signal }, { keeper, onLine }) {
  if (keeper.isEnding) return
  onLine(`${engine.name} ended (${signal ?? `exit code ${code}`}); starting it again`)
  for (;;) {
    await sleep(reviveMs)
    if (keeper.isEnding) return
    try {
      await engine.start()
      return onLine(`${engine.name} is back, process ${engine.pid}`)
    } catch (error) {
      onLine(error.message)
    }
  }
}

function handle(folder, started, keeper) {
  return {
    folder,
    /** Each engine by its name: pid, ports, env, kill, pause, resume, stop, start, restart. */
    engines: Object.fromEntries(started.map((engine) => [engine.name, engine])),
    /** What services and tests read to find them. */
    env: Object.assign({ QUARRY_ENGINES: 'cluster' }, ...started.map((engine) => engine.env)),
    /** What runs now, for a table. */
    processes: () => started.map(({ name, pid, ports }) => ({ name, pid, address: `127.0.0.1:${ports.main}` })),
    /** Ends all of them and resolves when they are gone; a scratch folder goes too. */
    stop: async () => {
      await keeper.end()
      removeRecord(folder)
    },
  }
}

function kindOf(name) {
  const kind = kinds[name]
  if (!kind) throw new Error(`There is no engine ${name}; there are ${engineNames.join(', ')}.`)
  return kind
}

/**
 * The whole marketplace on real engines, on this machine without containers: engines, schema, services, Traefik, in that
 * order, and back again. Every process is supervised: one that dies is started again, as `docker compose` would.
 */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { prepareEngines, startEngines } from '../engines/start.mjs'
import { openKeeper } from '../engines/keep.mjs'
import { EngineMissing } from '../engines/missing.mjs'
import { installedNode, root } from '../workspace.mjs'
import { planServices } from './plan.mjs'
import { portFrom, takePorts, untilReady } from './ready.mjs'
import { SupervisedProcess } from './supervised-process.mjs'
import { watchEngine } from './watch-engine.mjs'
import { writeTraefikConfig } from './traefik-config.mjs'

const PATIENCE_MS = 120_000
/** One address of each service that Traefik has to reach; some want a token, and say so. */
const routed = [
  '/',
  '/api/v1/orders',
  '/api/v1/auth/tokens',
  ...['live', 'mining', 'results'].map((name) => `/${name}/?EIO=4&transport=polling`),
]
const reachesService = ({ status }) => status < 500 && status !== 404

/**
 * Starts it in `folder`. `settings` are environment variables for every service; `onEvent` hears of each start and end.
 * Resolves, when all of it is ready, to `{ url, env, processes(), stop() }`; on failure everything is stopped again. All of
 * it ends with this process, however that ends.
 */
export async function startCluster({ folder, scale, port, settings, onEvent }) {
  for (const name of ['data', 'logs', 'engines']) mkdirSync(join(folder, name), { recursive: true })
  const onLine = (text) => onEvent({ event: 'preparing', text })
  const { prepared, missing } = await prepareEngines({ engines: ['traefik'], onLine })
  if (missing.traefik) throw new EngineMissing(missing.traefik)
  const stops = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const engines = await startEngines({
      folder: join(folder, 'engines'),
      engines: ['redis', 'rabbitmq', 'cassandra'],
      revive: true,
      onLine,
    })
    stops.push(() => engines.stop())
    const watches = Object.values(engines.engines).map((engine) => watchEngine(engine, onEvent))
    stops.push(() => watches.forEach((stopWatching) => stopWatching()))
    await migrate({ ...process.env, ...engines.env }, onEvent)

    const keeper = openKeeper()
    stops.push(() => keeper.end())
    const entry = await portFrom(port)
    const url = `http://127.0.0.1:${entry}`
    const shared = { ...settings, ...engines.env }
    const plan = await planServices({ scale, folder, publicUrl: url, settings: shared, takePorts, root })
    const services = plan.map((service) =>
      supervise({ ...service, command: installedNode }, { keeper, folder, onEvent }),
    )
    stops.push(() => Promise.all(services.map((service) => service.stop())))
    await Promise.all(services.map((service) => service.start()))
    await Promise.all(plan.map((service) => untilReady(service.name, `${service.url}/readyz`, PATIENCE_MS)))

    const traefik = await planTraefik({ folder, plan, port: entry, program: prepared.traefik.program })
    const door = supervise(traefik, { keeper, folder, onEvent })
    stops.push(() => door.stop())
    await door.start()
    await Promise.all(
      routed.map((path) => untilReady(`traefik's route to ${path}`, url + path, PATIENCE_MS, reachesService)),
    )
    return { url, env: engines.env, stop, processes: () => table({ engines, services, plan, door, url }) }
  } catch (error) {
    await stop()
    throw error
  }
}

function supervise({ name, command, args, env }, { keeper, folder, onEvent }) {
  const log = join(folder, 'logs', `${name}.log`)
  return new SupervisedProcess({ name, onEvent, run: () => keeper.begin({ command, args, env, cwd: folder, log }) })
}

async function planTraefik({ folder, plan, port, program }) {
  const [pingPort] = await takePorts(1)
  const servers = Object.groupBy(plan, ({ service }) => service)
  const file = writeTraefikConfig({
    root,
    folder,
    port,
    pingPort,
    servers: Object.fromEntries(Object.entries(servers).map(([name, each]) => [name, each.map(({ url }) => url)])),
  })
  return { name: 'traefik', command: program, args: [`--configFile=${file}`], env: {} }
}

function migrate(env, onEvent) {
  return new Promise((resolve, reject) => {
    const child = spawn(installedNode, [join(root, 'apps', 'migrate', 'dist', 'main.js')], { env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code !== 0) reject(new Error(`The migration ended with ${code}:\n${output}`))
      else {
        onEvent({ event: 'migrated', text: output.trim().split('\n').at(-1) })
        resolve()
      }
    })
  })
}

function table({ engines, services, plan, door, url }) {
  return [
    ...engines.processes().map((engine) => ({ ...engine, kind: 'engine' })),
    { name: door.name, kind: 'engine', pid: door.pid, address: url },
    ...services.map(({ name, pid }, index) => ({ name, kind: 'service', pid, address: plan[index].url })),
  ]
}

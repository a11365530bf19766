/**
 * The whole marketplace on real engines, on this machine without containers: engines, schema, services, Traefik, in that
 * order, and back again. Every process is supervised: one that dies is started again, as `docker compose` would.
 */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startEngines } from '../engines/start.mjs'
import { installedNode, root } from '../workspace.mjs'
import { planServices } from './plan.mjs'
import { portFrom, takePorts, untilReady } from './ready.mjs'
import { SupervisedProcess } from './supervised-process.mjs'
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
 * Resolves, when all of it is ready, to `{ url, env, processes(), stop() }`; on failure everything is stopped again.
 */
export async function startCluster({ folder, scale, port, settings, onEvent }) {
  for (const name of ['data', 'logs', 'engines']) mkdirSync(join(folder, name), { recursive: true })
  const stops = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const engines = await startEngines({ folder: join(folder, 'engines'), onEvent })
    stops.push(() => engines.stop())
    const env = { ...engines.env, QUARRY_ENGINES: 'cluster' }
    await migrate({ ...processEnv(), ...env }, onEvent)

    const entry = await portFrom(port)
    const url = `http://127.0.0.1:${entry}`
    const plan = await planServices({
      scale,
      folder,
      publicUrl: url,
      settings: { ...settings, ...env },
      takePorts,
      root,
    })
    const services = plan.map((service) => startService(service, folder, onEvent))
    stops.push(() => Promise.all(services.map((service) => service.stop())))
    await Promise.all(plan.map((service) => untilReady(service.name, `${service.url}/readyz`, PATIENCE_MS)))

    const traefik = await startTraefik({ folder, plan, port: entry, binary: engines.traefikBinary, onEvent })
    stops.push(() => traefik.stop())
    await Promise.all(
      routed.map((path) => untilReady(`traefik's route to ${path}`, url + path, PATIENCE_MS, reachesService)),
    )
    return { url, env, stop, processes: () => table({ engines, services, plan, traefik, url }) }
  } catch (error) {
    await stop()
    throw error
  }
}

function startService({ name, file, args, env }, folder, onEvent) {
  return new SupervisedProcess({
    name,
    command: installedNode,
    args: ['--enable-source-maps', file, ...args],
    env: { ...processEnv(), ...env },
    logFile: join(folder, 'logs', `${name}.log`),
    onEvent,
  })
}

async function startTraefik({ folder, plan, port, binary, onEvent }) {
  const [pingPort] = await takePorts(1)
  const servers = Object.groupBy(plan, ({ service }) => service)
  const file = writeTraefikConfig({
    root,
    folder,
    port,
    pingPort,
    servers: Object.fromEntries(Object.entries(servers).map(([name, each]) => [name, each.map(({ url }) => url)])),
  })
  const traefik = new SupervisedProcess({
    name: 'traefik',
    command: binary,
    args: [`--configFile=${file}`],
    env: processEnv(),
    logFile: join(folder, 'logs', 'traefik.log'),
    onEvent,
  })
  await untilReady('traefik', `http://127.0.0.1:${pingPort}/ping`, PATIENCE_MS)
  return traefik
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

/** Nothing of the starter's environment reaches the processes but what a program needs to run. */
function processEnv() {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' }
}

function table({ engines, services, plan, traefik, url }) {
  return [
    ...engines.processes.map(({ name, pid, address }) => ({ name, kind: 'engine', pid, address })),
    { name: 'traefik', kind: 'engine', pid: traefik.pid, address: url },
    ...services.map(({ name, pid }, index) => ({ name, kind: 'service', pid, address: plan[index].url })),
  ]
}

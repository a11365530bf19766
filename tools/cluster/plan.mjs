/**
 * Which service processes a cluster on this machine consists of: how many of each, on which ports, with which settings.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many of each service run unless `--scale` says otherwise. In the order in which they are started. */
export const usualScale = {
  auth: 2,
  coin: 2,
  'scheduler-manager': 2,
  scheduler: 2,
  backend: 2,
  'mining-server': 2,
  'result-server': 2,
  web: 1,
}

const MOST_OF_ONE = 20
const SOURCE_MAPS = '--enable-source-maps'

/** Reads `mining-server=3,scheduler=2`, given once or several times. Throws with what is wrong and what is allowed. */
export function parseScale(texts) {
  const scale = { ...usualScale }
  for (const part of texts.flatMap((text) => text.split(','))) {
    const [name, count] = part.split('=')
    if (!(name in usualScale))
      throw new Error(
        `--scale ${part}: there is no service "${name}"; known are ${Object.keys(usualScale).join(', ')}.`,
      )
    if (!/^\d+$/.test(count ?? '') || Number(count) < 1 || Number(count) > MOST_OF_ONE)
      throw new Error(`--scale ${part}: the number must be 1 to ${MOST_OF_ONE}, as in ${name}=3.`)
    scale[name] = Number(count)
  }
  return scale
}

/**
 * The processes to start: `{ name, service, port, url, args, env }`. `takePorts(n)` gives n free ports; `settings` is the
 * environment that all of them share, the addresses of the engines included.
 */
export async function planServices({ scale, folder, publicUrl, settings, takePorts, root }) {
  const names = Object.entries(scale).flatMap(([service, count]) =>
    Array.from({ length: count }, (_, index) => ({ service, name: `${service}-${index + 1}` })),
  )
  const ports = await takePorts(names.length)
  const placed = names.map((each, index) => ({ ...each, port: ports[index] }))
  const urlsOf = (service) =>
    placed.filter((each) => each.service === service).map(({ port }) => `http://127.0.0.1:${port}`)
  const shared = {
    ...secrets(folder),
    ...settings,
    QUARRY_PUBLIC_URL: publicUrl,
    QUARRY_TRUST_PROXY: 'true',
    QUARRY_AUTH_URL: urlsOf('auth').join(','),
    QUARRY_COIN_URL: urlsOf('coin').join(','),
    QUARRY_MANAGER_URLS: urlsOf('scheduler-manager').join(','),
  }
  return placed.map((each) => ({
    ...each,
    url: `http://127.0.0.1:${each.port}`,
    ...program(each, join(folder, 'data', each.name), root),
    env: {
      ...shared,
      QUARRY_PORT: String(each.port),
      QUARRY_ADVERTISED_URL: `http://127.0.0.1:${each.port}`,
      QUARRY_DATA: join(folder, 'data', each.name),
    },
  }))
}

/** The site is served by standalone's own file server: there is no nginx on a machine without containers. */
function program({ service, port }, dataDir, root) {
  const file = (app) => join(root, 'apps', app, 'dist', 'main.js')
  return service === 'web'
    ? { args: [SOURCE_MAPS, file('standalone'), '--service', 'web', '--port', String(port), '--data', dataDir] }
    : { args: [SOURCE_MAPS, file(service)] }
}

/** Random, made once per folder, readable by nobody else. */
function secrets(folder) {
  const file = join(folder, 'secrets.json')
  if (!existsSync(file)) {
    const names = ['QUARRY_INTERNAL_SECRET', 'QUARRY_AUTH_PEPPER', 'QUARRY_AUTH_SEALING_KEY']
    const made = Object.fromEntries(names.map((name) => [name, randomBytes(32).toString('base64url')]))
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 })
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Traefik: the program on the PATH, or one built by Go from the module of its release. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folderFor, madeOnce } from './fetched.mjs'
import { EngineMissing, isProgram, onPath } from './missing.mjs'
import { ask } from './probe.mjs'
import { runTool } from './run-tool.mjs'

const manifest = join(dirname(fileURLToPath(import.meta.url)), 'traefik', 'go.mod')
const neededMajor = 3
/** What else runs on the machine goes first: the build takes both cores for minutes. */
const buildNiceness = 15

export const traefik = {
  name: 'traefik',
  variable: 'QUARRY_TRAEFIK_BINARY',
  ports: ['main', 'ping'],
  startLimitMs: 20_000,
  portTaken: /address already in use/,

  /** Finds the program, or builds it when `build` allows that. */
  async prepare({ build, onLine }) {
    const folder = folderFor('traefik', manifest)
    const found = [process.env.QUARRY_TRAEFIK_BINARY, suitableOnPath(), join(folder, 'traefik')]
    const program = found.find((path) => path && isProgram(path))
    if (program) return { program }
    if (!build) throw new EngineMissing('Traefik is not built yet: run `npm run engines:prepare` (some minutes, once)')
    await madeOnce(folder, (partial) => compile(partial, onLine), onLine)
    return { program: join(folder, 'traefik') }
  },

  /**
   * Writes the static configuration into the folder and says what to run. Routes are read from `dynamic`, or from
   * dynamic.yml in the folder, and again whenever that file changes. The entry point has the name that the compose
   * file's routes use, but speaks plain HTTP.
   */
  configure({ prepared, folder, ports, options: { dynamic } = {} }) {
    const routes = dynamic ?? join(folder, 'dynamic.yml')
    mkdirSync(dirname(routes), { recursive: true })
    if (!existsSync(routes)) writeFileSync(routes, '{}\n')
    const file = join(folder, 'traefik.yml')
    writeFileSync(file, configuration(routes, ports))
    return { command: prepared.program, args: [`--configFile=${file}`], cwd: folder }
  },

  async answers({ ping }) {
    const answer = await ask(ping, 'GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    if (!answer.toString().startsWith('HTTP/1.1 200')) throw new Error(answer.toString().split('\r\n')[0])
  },

  environment: ({ ports, prepared }) => ({
    QUARRY_TRAEFIK: `http://127.0.0.1:${ports.main}`,
    QUARRY_TRAEFIK_BINARY: prepared.program,
  }),
}

function configuration(routes, ports) {
  return `entryPoints:
  websecure:
    address: 127.0.0.1:${ports.main}
  ping:
    address: 127.0.0.1:${ports.ping}
ping:
  entryPoint: ping
providers:
  file:
    filename: ${JSON.stringify(routes)}
    watch: true
log:
  level: INFO
  noColor: true
global:
  checkNewVersion: false
  sendAnonymousUsage: false
`
}

function suitableOnPath() {
  const program = onPath('traefik')
  if (!program) return undefined
  const { stdout } = spawnSync(program, ['version'], { encoding: 'utf8' })
  return Number(/Version:\s+v?(\d+)/.exec(stdout ?? '')?.[1]) === neededMajor ? program : undefined
}

/** go.mod is built in a copy: Go writes the versions that follow from it into the file, and ours stays short. */
async function compile(folder, onLine) {
  const go = onPath('go')
  if (!go) throw new EngineMissing('Traefik is not on the PATH, and Go, which could build it, is not installed')
  onLine('Building Traefik by Go (about five minutes of two cores, once; at low priority).')
  const module = join(folder, 'module')
  mkdirSync(module)
  copyFileSync(manifest, join(module, 'go.mod'))
  const built = join(module, 'traefik')
  const flags = ['-mod=mod', '-buildvcs=false', '-trimpath', '-ldflags=-s -w', '-o', built]
  const args = ['build', ...flags, 'github.com/traefik/traefik/v3/cmd/traefik']
  try {
    const what = { command: go, args, cwd: module, niceness: buildNiceness, doing: 'building Traefik', onLine }
    onLine(`  built in ${await runTool(what)} s`)
  } catch (error) {
    throw new EngineMissing(`Traefik could not be built: ${error.message}`, { cause: error })
  }
  renameSync(built, join(folder, 'traefik'))
  rmSync(module, { recursive: true })
}

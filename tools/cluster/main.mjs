/** `npm run engines`: see `--help`. Ends with 0 after Ctrl-C, with the journey's outcome after `--journey`, 1 on failure. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { installedNode, root } from '../workspace.mjs'
import { startCluster } from './cluster.mjs'
import { readOptions } from './options.mjs'
import { print } from './print.mjs'

/** What the journey asks of its marketplace: the settings of its own machine, and quick ones. */
const journeySettings = {
  QUARRY_ENV: 'test',
  QUARRY_AUTH_INSECURE_BCRYPT_COST: '4',
  QUARRY_ALLOW_ADDRESSES: '127.0.0.1/32',
  QUARRY_HOST_GAPS: 'default=0',
  QUARRY_MIN_INTERVAL_MS: '1',
  QUARRY_FAUCET: 'true',
  QUARRY_FAUCET_COINS: '1000000',
  QUARRY_MAX_BODY_BYTES: String(1024 * 1024),
}

async function run() {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) return 0
  const out = print(options.json)
  const folder = options.folder ? resolve(options.folder) : mkdtempSync(join(tmpdir(), 'quarry-engines-'))
  mkdirSync(folder, { recursive: true })
  const stopWish = stopRequested()
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('QUARRY_'))
  const settings = { QUARRY_LOG_LEVEL: 'info', ...(options.journey && journeySettings), ...Object.fromEntries(own) }
  const cluster = await startCluster({ ...options, folder, settings, onEvent: out.event })
  try {
    const state = { url: cluster.url, env: cluster.env, folder, processes: cluster.processes() }
    writeFileSync(join(folder, 'cluster.json'), JSON.stringify(state, null, 2))
    out.ready(state)
    if (!options.journey) return await stopWish.then(() => 0)
    return await Promise.race([journey(join(folder, 'cluster.json')), stopWish.then(() => 130)])
  } finally {
    out.stopping()
    await cluster.stop()
    if (!options.folder) rmSync(folder, { recursive: true, force: true })
    out.stopped()
  }
}

function stopRequested() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve)
  })
}

/** The same journey that runs against the one process, here against what is running. */
function journey(stateFile) {
  return new Promise((resolve) => {
    const child = spawn(installedNode, [join(root, 'tools', 'test.mjs'), 'e2e/journey-engines.test.ts'], {
      stdio: 'inherit',
      env: { ...process.env, QUARRY_CLUSTER_STATE: stateFile },
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}

try {
  process.exitCode = await run()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

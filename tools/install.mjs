/** Installs the locked npm packages, when they are not the ones that are there. Built-ins only (see workspace.mjs). */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { hashOf, installedNode, readRoot, root } from './workspace.mjs'

const modules = join(root, 'node_modules')
const stamp = join(modules, '.quarry-installed')
const neededMajor = 24

/** Whether node_modules holds what package-lock.json says. */
export function isInstalled() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockKey()) return true
  return npmInstalledTheSame()
}

function lockKey() {
  return hashOf([readRoot('package-lock.json'), process.platform, process.arch])
}

/** After a developer's own `npm install` the stamp is old, but npm's record of what it installed agrees with the lock. */
function npmInstalledTheSame() {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record) || !existsSync(installedNode)) return false
  const { packages: installed } = JSON.parse(readFileSync(record, 'utf8'))
  const { packages: locked } = JSON.parse(readRoot('package-lock.json').toString())
  const same = Object.entries(locked).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true
    const there = installed[path]
    return there ? there.version === entry.version : entry.optional === true || entry.devOptional === true
  })
  if (same) writeFileSync(stamp, lockKey())
  return same
}

/** Runs `npm ci`, reporting progress by `say`. Throws an Error whose message tells the reader what to do. */
export async function install(say) {
  const started = Date.now()
  const ticker = setInterval(() => say(`  still installing, ${seconds(started)} so far`), 15_000)
  const { code, output } = await runNpm().finally(() => clearInterval(ticker))
  if (code !== 0) throw new Error(`npm ci failed.\n${diagnose(output)}\nWhat npm said:\n${gist(output)}`)
  assertNode()
  writeFileSync(stamp, lockKey())
  say(`  installed in ${seconds(started)}`)
}

function runNpm() {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      // npm replaces node_modules: it must not run on the Node that lives there.
      env: { ...process.env, PATH: pathWithoutModules(), NODE_ENV: 'development' },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', (error) =>
      reject(
        error.code === 'ENOENT' ? new Error('npm was not found. It comes with Node.js: https://nodejs.org') : error,
      ),
    )
    child.on('close', (code) => resolve({ code, output }))
  })
}

function pathWithoutModules() {
  const path = process.env.PATH ?? ''
  return path
    .split(delimiter)
    .filter((entry) => !entry.startsWith(modules))
    .join(delimiter)
}

const diagnoses = [
  [/ENOSPC/, 'The disk is full: node_modules needs about 700 MB. Free some space and start again.'],
  [/EROFS|EACCES|EPERM/, `The folder ${root} cannot be written. Use a copy that you own, on a writable disk.`],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network/i,
    'The npm registry cannot be reached. The first start needs the network once; later ones do not.',
  ],
  [
    /EUSAGE|out of sync|can only install/,
    'package.json and package-lock.json disagree: run `npm install` and commit the lock file.',
  ],
  [/EINTEGRITY/, 'A package arrived damaged. Run `npm cache clean --force`, then start again.'],
]

function diagnose(output) {
  return diagnoses.find(([pattern]) => pattern.test(output))?.[1] ?? 'The reason is in the lines below.'
}

function assertNode() {
  const run = spawnSync(installedNode, ['--version'], { encoding: 'utf8' })
  const major = Number(/^v(\d+)/.exec(run.stdout ?? '')?.[1])
  if (major >= neededMajor) return
  throw new Error(
    `npm installed everything but Node ${neededMajor} (found ${run.stdout?.trim() || 'none'}). ` +
      'Its binary comes by an install script: is `ignore-scripts` set? Try `npm config delete ignore-scripts`.',
  )
}

/** The first lines say what is wrong, the last where the whole log is; between them npm explains its options. */
function gist(output) {
  const lines = output.trim().split('\n')
  const shown = lines.length <= 16 ? lines : [...lines.slice(0, 12), '…', ...lines.slice(-2)]
  return shown.map((line) => `  ${line}`).join('\n')
}

function seconds(started) {
  return `${Math.round((Date.now() - started) / 1000)} s`
}

/**
 * Makes a checkout ready: installs the locked npm packages and builds what is stale. Says nothing when all is fresh.
 * Runs before `npm start`, `npm test` and the like, on whatever Node the machine has (20 or later), so it uses built-ins
 * only. `--install-only` leaves the building out.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { install, isInstalled } from './install.mjs'
import { acquire } from './setup-lock.mjs'
import { installedNode, root, staleProjects, workspaceBins } from './workspace.mjs'

const installOnly = process.argv.includes('--install-only')

async function setUp() {
  assertNodeVersion()
  if (isReady()) return
  const release = await acquire(join(root, '.cache', 'setup.lock'), (pid) =>
    say(`Another start (process ${pid}) is preparing Quarry; waiting for it.`),
  )
  try {
    if (!isInstalled()) {
      say('Installing npm packages (the first time this takes a minute or two).')
      await install(say)
    }
    if (!installOnly) build()
  } finally {
    release()
  }
}

function isReady() {
  return isInstalled() && (installOnly || (staleProjects().length === 0 && missingBins().length === 0))
}

function build() {
  const stale = staleProjects()
  if (stale.length > 0) {
    say(`Building ${stale.map((project) => project.name).join(', ')}.`)
    const dirs = stale.map((project) => project.dir)
    const run = spawnSync(installedNode, [join(root, 'tools', 'build.mjs'), ...dirs], { cwd: root, stdio: 'inherit' })
    if (run.status !== 0) throw new Error('The build failed; its messages are above.')
  }
  for (const { link, target } of missingBins()) {
    rmSync(link, { force: true })
    symlinkSync(target, link)
  }
}

function missingBins() {
  return workspaceBins().filter(({ link, target, file }) => existsSync(file) && linkTarget(link) !== target)
}

function linkTarget(link) {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

function assertNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Error(`Quarry needs Node 20.19 or later to set itself up; this is ${process.version}.`)
}

/** An error of the file system as a sentence; anything else as it is. */
function explain(error) {
  if (error.code === 'ENOSPC') return 'The disk is full.'
  if (['EROFS', 'EACCES', 'EPERM'].includes(error.code))
    return `${root} cannot be written (${error.code} at ${error.path ?? 'some file'}). Use a copy that you own, on a writable disk.`
  return error.message
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

try {
  await setUp()
} catch (error) {
  say(`\nQuarry could not be made ready.\n${explain(error)}`)
  process.exitCode = 1
}

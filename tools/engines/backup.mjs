/**
 * A copy of what the engines have stored, taken while they run, and the way back. Both engines that keep what nobody else
 * knows stand still for a moment, and the copy is of that moment: to what starts from it, it looks like a power cut. See
 * docs/runbooks/backup-and-restore.md.
 */
import { spawnSync } from 'node:child_process'
import {
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { installedNode, root } from '../workspace.mjs'
import { signalGroup } from './process-group.mjs'
import { engineIn, refuseRunning } from './record.mjs'
import { startEngines } from './start.mjs'

/**
 * In this order: RabbitMQ must not be older than Cassandra. A settlement that it has twice does no harm; one that it does
 * not have yet, of a run that Cassandra has, would never be paid.
 */
const kept = [
  // Files of this kind are never changed, only replaced: Cassandra's tables.
  { engine: 'cassandra', data: 'data', unchanging: /\/data\/data\/.*\.db$/ },
  { engine: 'rabbitmq', data: 'mnesia' },
]
const migration = join(root, 'apps', 'migrate', 'dist', 'main.js')

/**
 * Copies what the engines that run in `folder` have stored to the new folder `to`. They stand still while their logs are
 * copied and the rest is linked. Throws, with nothing left behind, when one does not run or `to` exists.
 */
export async function backUp(folder, to) {
  if (existsSync(to)) throw new Error(`${to} exists already; a backup is never written over another.`)
  const engines = kept.map((each) => ({ ...each, pid: engineIn(join(folder, each.engine)) }))
  for (const { engine, pid } of engines) if (!pid) throw new Error(`${engine} does not run in ${folder}.`)
  mkdirSync(dirname(resolve(to)), { recursive: true })
  // Links need the engines' own disk; the copy may go to another.
  const stage = mkdtempSync(join(resolve(folder), '.backup-'))
  try {
    const stoodStillMs = standStill(engines, (each) => stageData(each, folder, stage))
    cpSync(stage, `${to}.partial`, { recursive: true })
    renameSync(`${to}.partial`, to)
    return { stoodStillMs, sizeBytes: sizeOf(to) }
  } finally {
    for (const each of [stage, `${to}.partial`]) rmSync(each, { recursive: true, force: true })
  }
}

/**
 * Puts a backup into `folder`, whose Cassandra and RabbitMQ must have no data, brings its schema up to date and makes the
 * inboxes ready. What Redis has there goes: it knows what happened after the backup, and would keep it from happening again.
 */
export async function restore(folder, from, { heap, onLine }) {
  refuseRunning(folder)
  for (const { engine, data } of kept) {
    if (!existsSync(join(from, engine, data))) throw new Error(`${from} is no backup: it has no ${engine}/${data}.`)
    if (existsSync(join(folder, engine, data)))
      throw new Error(`${join(folder, engine, data)} exists: move it away first.`)
  }
  for (const { engine, data } of kept) cpSync(join(from, engine, data), join(folder, engine, data), { recursive: true })
  rmSync(join(folder, 'redis'), { recursive: true, force: true })
  const running = await startEngines({ folder, engines: ['cassandra'], options: { cassandra: { heap } }, onLine })
  try {
    makeReady(running.env, onLine)
  } finally {
    await running.stop()
  }
}

function makeReady(engines, onLine) {
  const { status, stdout, stderr } = spawnSync(installedNode, [migration, 'restored'], {
    env: { ...process.env, ...engines },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The restored data are not ready for services:\n${stderr}`)
  for (const line of stdout.trim().split('\n')) onLine(line)
}

/** Pauses all of them, in order, lets `copy` happen to each, and lets them go on whatever happened. Milliseconds. */
function standStill(engines, copy) {
  const begun = performance.now()
  try {
    for (const { pid } of engines) signalGroup(pid, 'SIGSTOP')
    for (const each of engines) copy(each)
  } finally {
    for (const { pid } of engines) signalGroup(pid, 'SIGCONT')
  }
  return performance.now() - begun
}

function stageData({ engine, data, unchanging }, folder, stage) {
  const source = join(resolve(folder), engine, data)
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const target = join(stage, engine, data, file.slice(source.length + 1))
    mkdirSync(dirname(target), { recursive: true })
    if (unchanging?.test(file)) linkSync(file, target)
    else copyFileSync(file, target, constants.COPYFILE_FICLONE)
  }
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

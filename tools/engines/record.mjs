/**
 * The record of what runs in a folder: the process that owns the engines, or the engines themselves when they were left
 * to run on their own. Two on the same files would spoil them, and another process must be able to stop exactly those.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalGroup } from './process-group.mjs'

const pollMs = 50
const stopLimitMs = 20_000

/** Takes the folder for this process. Throws when what was started there runs still. */
export function recordOwner(folder) {
  refuseRunning(folder)
  write(folder, [{ owner: true, name: 'its owner', pid: process.pid }])
}

/** Leaves the folder to its engines, which go on without this process. */
export function recordKept(folder, engines) {
  write(
    folder,
    engines.map(({ name, pid }) => ({ name, pid })),
  )
}

/** Notes in an engine's own folder which process it is, for whoever wants to pause it. */
export function recordEngine(engine, folder, pid) {
  write(folder, [{ name: engine, pid }])
}

/** The id of the process that `recordEngine` noted last, if it runs still. */
export function engineIn(folder) {
  return runningIn(folder)[0]?.pid
}

/** Throws when engines run in the folder. */
export function refuseRunning(folder) {
  const [first] = runningIn(folder)
  if (first) throw new Error(`The engines of ${folder} run already. ${howToStop(folder, first)}`)
}

/** Gives the folder back. */
export function removeRecord(folder) {
  rmSync(fileIn(folder), { force: true })
}

/**
 * Stops the engines that were kept in the folder and run still. Resolves with their names when they are gone. Throws
 * when a process owns them: ending that one ends them.
 */
export async function stopKept(folder) {
  const running = runningIn(folder)
  const owner = running.find((entry) => entry.owner)
  if (owner) throw new Error(howToStop(folder, owner))
  for (const { pid } of running) signalGroup(pid, 'SIGTERM')
  for (const { pid } of running) signalGroup(pid, 'SIGCONT')
  const deadline = performance.now() + stopLimitMs
  while (running.some(isRunning) && performance.now() < deadline) await sleep(pollMs)
  // Also what the leader of a group left behind.
  for (const { pid } of running) signalGroup(pid, 'SIGKILL')
  removeRecord(folder)
  return running.map(({ name }) => name)
}

function howToStop(folder, { owner, pid }) {
  return owner
    ? `They belong to process ${pid} and end with it.`
    : `Stop them with: node tools/engines/main.mjs down --folder ${folder}`
}

function write(folder, entries) {
  const dated = entries.map((entry) => ({ ...entry, startedAt: startOf(entry.pid) }))
  writeFileSync(fileIn(folder), `${JSON.stringify(dated, undefined, 2)}\n`)
}

function runningIn(folder) {
  const file = fileIn(folder)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).filter(isRunning) : []
}

/** The id alone may belong to another process by now: the time of its start does not. */
function isRunning({ pid, startedAt }) {
  return startedAt !== '' && startOf(pid) === startedAt
}

/** When a process started, empty when it does not run. One that has ended but that nobody has waited for is gone, too. */
function startOf(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    encoding: 'utf8',
  })
  const [, state, start] = /^(\S+)\s+(.*)/.exec(stdout?.trim() ?? '') ?? []
  return state === undefined || state.startsWith('Z') ? '' : start
}

function fileIn(folder) {
  return join(folder, 'engines.json')
}

/** The record of which engines run in a folder, so that another process can stop exactly those. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalGroup } from './process-group.mjs'

const pollMs = 50
const stopLimitMs = 20_000

/** Writes down which processes run in the folder. */
export function record(folder, engines) {
  const running = engines.map(({ name, pid, env }) => ({ name, pid, startedAt: startOf(pid), env }))
  writeFileSync(fileIn(folder), `${JSON.stringify(running, undefined, 2)}\n`)
}

/** Throws when an engine of the folder runs: two on the same files would spoil them. */
export function refuseIfRunning(folder) {
  const [first] = runningIn(folder)
  if (!first) return
  throw new Error(
    `The engines of ${folder} run already (${first.name} is process ${first.pid}). Stop them with: ` +
      `node tools/engines/main.mjs down --folder ${folder}`,
  )
}

/** Stops the engines that were started in the folder and run still. Resolves with their names when they are gone. */
export async function stopRecorded(folder) {
  const running = runningIn(folder)
  for (const { pid } of running) signalGroup(pid, 'SIGTERM')
  for (const { pid } of running) signalGroup(pid, 'SIGCONT')
  const deadline = performance.now() + stopLimitMs
  while (running.some(isRunning) && performance.now() < deadline) await sleep(pollMs)
  // Also what the leader of a group left behind.
  for (const { pid } of running) signalGroup(pid, 'SIGKILL')
  rmSync(fileIn(folder), { force: true })
  return running.map(({ name }) => name)
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

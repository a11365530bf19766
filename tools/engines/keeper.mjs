/**
 * A process that owns what a starter started, so that it ends with the starter however that ends: when the channel to
 * the starter closes, the keeper ends every process group it has begun, and removes the scratch folder if there is one.
 * Started by ./keep.mjs; its messages are described there.
 */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalGroup } from './process-group.mjs'

const { scratch } = JSON.parse(process.argv[2] ?? '{}')
const graceMs = 10_000
const pollMs = 20
/** Process ids of the groups that run. */
const running = new Set()
let ending

process.on('message', (message) => {
  if (message.begin) begin(message.begin)
  else if (message.end) void endAll(message.end)
  else if (message.release) process.exit()
})
process.on('disconnect', () => void endAll({ gently: true }))
// A whole session that is told to end reaches the starter too, whose channel then closes.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
process.on('SIGTERM', () => void endAll({ gently: true }))

function begin({ id, command, args, cwd, env, log }) {
  mkdirSync(dirname(log), { recursive: true })
  const output = openSync(log, 'a')
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    // A group of its own: signals reach a program together with what it started.
    detached: true,
  })
  closeSync(output)
  child.on('spawn', () => {
    running.add(child.pid)
    tell({ begun: id, pid: child.pid })
    // The end may have been ordered while this one was being begun.
    if (ending) signalGroup(child.pid, 'SIGKILL')
  })
  child.on('error', (error) => tell({ failed: id, reason: error.message }))
  child.on('exit', (code, signal) => {
    // Whatever it left behind goes with it.
    signalGroup(child.pid, 'SIGKILL')
    running.delete(child.pid)
    tell({ ended: id, code, signal })
  })
}

/** Ends all groups, gently first where there is data to close well, and then this process. */
async function endAll({ gently }) {
  if (ending) return
  ending = true
  if (gently && !scratch) {
    for (const pid of running) {
      signalGroup(pid, 'SIGTERM')
      // A paused one must wake to hear it.
      signalGroup(pid, 'SIGCONT')
    }
    for (let waitedMs = 0; running.size > 0 && waitedMs < graceMs; waitedMs += pollMs) await sleep(pollMs)
  }
  for (const pid of running) signalGroup(pid, 'SIGKILL')
  while (running.size > 0) await sleep(pollMs)
  if (scratch) rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  process.exit()
}

function tell(message) {
  if (process.connected) process.send(message, () => {})
}

/** The starter's side of a keeper (see keeper.mjs). */
import { fork } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = join(dirname(fileURLToPath(import.meta.url)), 'keeper.mjs')

/**
 * Starts a keeper: a process that runs others, each in a group of its own, and ends them all when this process ends,
 * even by kill -9. With `scratch`, a folder, it removes that folder at its end.
 *
 * Messages to it: `begin` (what to run), `end` (all, `gently` or not), `release` (leave all running and go).
 * From it: `begun` with the process id, `failed` with the reason, `ended` with exit code or signal.
 */
export function openKeeper({ scratch } = {}) {
  const keeper = fork(program, [JSON.stringify({ scratch })], {
    // Ctrl-C on the starter's terminal is the starter's business.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  })
  const gone = new Promise((resolve) => keeper.once('exit', resolve))
  const waiting = new Map()
  let lastId = 0
  keeper.on('message', (message) => waiting.get(message.begun ?? message.failed ?? message.ended)?.(message))
  keeper.on('exit', () => {
    for (const [id, hear] of waiting) hear({ ended: id, code: null, signal: 'the end of its keeper' })
  })

  return {
    /**
     * Runs a program with its output appended to the file `log`. Resolves once it runs, with its process id, which is
     * also its group's, and with `ended`: a promise of how it ended. Rejects when it cannot be run.
     *
     * @param {{ command: string, args: string[], cwd: string, env?: object, log: string }} what
     */
    begin(what) {
      const id = ++lastId
      return new Promise((resolve, reject) => {
        let tellEnd
        const ended = new Promise((settle) => (tellEnd = settle))
        waiting.set(id, (message) => {
          if (message.begun) return resolve({ pid: message.pid, ended })
          waiting.delete(id)
          if (message.failed) return reject(new Error(`${what.command} could not be run: ${message.reason}`))
          tellEnd({ code: message.code, signal: message.signal })
          // Heard only when the keeper went before it had begun anything.
          reject(new Error(`${what.command} was not run: its keeper is gone`))
        })
        if (keeper.connected) send({ begin: { id, ...what } })
        else waiting.get(id)({ ended: id, code: null, signal: null })
      })
    },

    /** Ends everything it runs and itself, gently unless the folder is scratch. Repeating it waits for the same end. */
    async end({ gently = true } = {}) {
      send({ end: { gently } })
      await gone
    },

    /** Leaves everything running and ends the keeper only: from now on nobody ends what it began. */
    async release() {
      send({ release: true })
      await gone
    },
  }

  function send(message) {
    if (keeper.connected) keeper.send(message, () => {})
  }
}

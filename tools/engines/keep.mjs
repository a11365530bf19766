/** The starter's side of a keeper (see keeper.mjs). */
import { fork } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signalGroup } from './process-group.mjs'

const program = join(dirname(fileURLToPath(import.meta.url)), 'keeper.mjs')

/**
 * Starts a keeper: a process that runs others, each in a group of its own, and ends them all when this process ends,
 * even by kill -9. With `scratch`, a folder, it removes that folder at its end. Should the keeper itself be killed, this
 * process ends what it ran.
 */
export function openKeeper({ scratch } = {}) {
  return new Keeper(scratch)
}

/**
 * Messages to the other side: `begin` (what to run), `end` (all, `gently` or not), `release` (leave all running and go).
 * From it: `begun` with the process id, `failed` with the reason, `ended` with exit code or signal.
 */
class Keeper {
  #channel
  #gone
  /** What was begun and has not ended, by number: `{ hear, pid }`. */
  #programs = new Map()
  #lastNumber = 0
  #state = 'open'

  constructor(scratch) {
    this.#channel = fork(program, [JSON.stringify({ scratch })], {
      // Ctrl-C on the starter's terminal is the starter's business.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    })
    this.#channel.on('message', (message) => {
      this.#programs.get(message.begun ?? message.failed ?? message.ended)?.hear(message)
    })
    this.#gone = new Promise((resolve) => this.#channel.once('exit', resolve)).then(() => this.#onGone())
  }

  /** Whether it has been told to end, or has ended: nothing more can be begun. */
  get isEnding() {
    return this.#state !== 'open'
  }

  /**
   * Runs a program with its output appended to the file `log`. Resolves once it runs, with its process id, which is
   * also its group's, and with `ended`: a promise of how it ended. Rejects when it cannot be run.
   *
   * @param {{ command: string, args: string[], cwd: string, env?: object, log: string }} what
   */
  begin(what) {
    if (this.isEnding) return Promise.reject(new Error(`${what.command} was not run: its keeper is gone`))
    const number = ++this.#lastNumber
    return new Promise((resolve, reject) => {
      let tellEnd
      const ended = new Promise((settle) => (tellEnd = settle))
      const hear = ({ begun, pid, failed, reason, code, signal }) => {
        if (begun) {
          this.#programs.set(number, { hear, pid })
          return resolve({ pid, ended })
        }
        this.#programs.delete(number)
        if (failed) return reject(new Error(`${what.command} could not be run: ${reason}`))
        tellEnd({ code, signal })
        // Heard only when the keeper went before it had begun this.
        reject(new Error(`${what.command} was not run: its keeper is gone`))
      }
      this.#programs.set(number, { hear })
      this.#send({ begin: { id: number, ...what } })
    })
  }

  /** Ends everything it runs and itself, gently unless the folder is scratch. Repeating it waits for the same end. */
  async end({ gently = true } = {}) {
    if (this.#state === 'open') this.#state = 'ending'
    this.#send({ end: { gently } })
    await this.#gone
  }

  /** Leaves everything running and ends the keeper only: from now on nobody ends what it began. */
  async release() {
    this.#state = 'released'
    this.#send({ release: true })
    await this.#gone
  }

  #onGone() {
    if (this.#state === 'released') return
    this.#state = 'ending'
    for (const { hear, pid } of this.#programs.values()) {
      if (pid !== undefined) signalGroup(pid, 'SIGKILL')
      hear({ code: null, signal: 'SIGKILL' })
    }
  }

  #send(message) {
    if (this.#channel.connected) this.#channel.send(message, () => {})
  }
}

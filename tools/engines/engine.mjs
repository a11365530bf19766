/** One engine that runs: how it is started, waited for, and treated badly by chaos. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from './ports.mjs'
import { signalGroup } from './process-group.mjs'
import { recordEngine } from './record.mjs'
import { lastLines } from './run-tool.mjs'

const pollMs = 50
const stopLimitMs = 20_000
/** Between choosing a port and listening on it another process may take it. */
const portTries = 3

/**
 * Starts an engine of the given kind in its folder and resolves when it answers. Rejects with the reason and the last
 * lines of its log when it ends or does not answer in time; then it is gone again.
 *
 * `onLost` hears of it when the engine ends later on without having been told to.
 *
 * @param {{ keeper: object, kind: object, prepared: object, folder: string, options?: object, onLost?: Function }} what
 */
export async function runEngine({ keeper, kind, prepared, folder, options, onLost = () => {} }) {
  for (let tries = 1; ; tries++) {
    const numbers = await freePorts(kind.ports.length)
    const ports = Object.fromEntries(kind.ports.map((name, index) => [name, numbers[index]]))
    const engine = new Engine(keeper, kind, { prepared, folder, ports, options })
    try {
      await engine.start()
      engine.onLost = onLost
      return engine
    } catch (error) {
      await engine.kill()
      if (!error.portTaken || tries === portTries) throw error
    }
  }
}

class Engine {
  #keeper
  #kind
  #placement
  #process
  #log
  #asked = false
  /** Called with the engine and how it ended, when it did so without having been told to. */
  onLost = () => {}

  constructor(keeper, kind, placement) {
    this.#keeper = keeper
    this.#kind = kind
    this.#placement = placement
    this.#log = join(placement.folder, `${kind.name}.log`)
  }

  get name() {
    return this.#kind.name
  }

  /** The process id, which is also its group's, or undefined while it does not run. */
  get pid() {
    return this.#process?.pid
  }

  /** Its ports by name; `main` is the one that clients use. */
  get ports() {
    return this.#placement.ports
  }

  /** What services and tests read to find it. The same for its whole life, restarts included. */
  get env() {
    return this.#kind.environment(this.#placement)
  }

  /** The file with all that it printed. */
  get log() {
    return this.#log
  }

  /** Starts it on its ports and data, and resolves when it answers. Does nothing but wait when it runs. */
  async start() {
    const logged = existsSync(this.#log) ? statSync(this.#log).size : 0
    if (!this.#process) await this.#begin()
    const begun = this.#process
    const deadline = performance.now() + this.#kind.startLimitMs
    let reason
    while (performance.now() < deadline) {
      if (this.#process !== begun) throw this.#failure(`ended while it was starting`, logged)
      try {
        await this.#kind.answers(this.ports, this.#placement)
        return
      } catch (error) {
        reason = error.message
      }
      await sleep(pollMs)
    }
    throw this.#failure(`did not answer within ${this.#kind.startLimitMs / 1000} s (${reason})`, logged)
  }

  /** Ends it at once, as a power cut would. Resolves when it is gone. */
  async kill() {
    await this.#end('SIGKILL')
  }

  /** Asks it to close its data and end, and kills it if it does not within 20 s. Resolves when it is gone. */
  async stop() {
    await this.#end('SIGTERM')
  }

  /** Freezes it: its connections stay open and nobody answers. */
  pause() {
    if (this.#process) signalGroup(this.#process.pid, 'SIGSTOP')
  }

  /** Lets it go on after `pause`. */
  resume() {
    if (this.#process) signalGroup(this.#process.pid, 'SIGCONT')
  }

  /** Stops and starts it on the same ports and data, and resolves when it answers. */
  async restart() {
    await this.stop()
    await this.start()
  }

  async #begin() {
    const what = this.#kind.configure(this.#placement)
    const begun = await this.#keeper.begin({ ...what, log: this.#log })
    this.#process = begun
    this.#asked = false
    recordEngine(this.name, this.#placement.folder, begun.pid)
    void begun.ended.then((how) => {
      this.#process = undefined
      if (!this.#asked) this.onLost(this, how)
    })
  }

  async #end(signal) {
    const running = this.#process
    if (!running) return
    this.#asked = true
    signalGroup(running.pid, signal)
    this.resume()
    const late = setTimeout(() => signalGroup(running.pid, 'SIGKILL'), stopLimitMs)
    await running.ended
    clearTimeout(late)
  }

  #failure(what, logged) {
    const said = existsSync(this.#log) ? readFileSync(this.#log).subarray(logged).toString() : ''
    const lines = said.trim() === '' ? '  (it said nothing)' : lastLines(said, 12)
    return Object.assign(new Error(`${this.name} ${what}. From ${this.#log}:\n${lines}`), {
      portTaken: this.#kind.portTaken.test(said),
    })
  }
}

/**
 * Processes that are kept running, as containers with `restart: unless-stopped` are: one that dies is started again with
 * the same command, a moment later.
 */
import { signalGroup } from '../engines/process-group.mjs'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
/** Who has run for this long is healthy: its next death is answered at once again. */
const HEALTHY_MS = 10_000
const STOP_MS = 15_000

/** Something that `run` starts; `run` resolves with `{ pid, ended }`, `ended` with `{ code, signal }`. */
export class SupervisedProcess {
  #run
  #onEvent
  #current
  #timer
  #stopping = false
  #waitMs = FIRST_WAIT_MS

  /** `onEvent` is told `{ event: 'started' | 'exited', name, pid, … }` of every start and every end. */
  constructor({ name, run, onEvent }) {
    this.name = name
    this.#run = run
    this.#onEvent = onEvent
  }

  /** The process id, which is also its group's, while it runs. */
  get pid() {
    return this.#current?.pid
  }

  /** Starts it, and from then on whenever it has ended. Rejects when the first start fails. */
  async start() {
    const startedAt = performance.now()
    const current = await this.#run()
    this.#current = current
    this.#onEvent({ event: 'started', name: this.name, pid: current.pid })
    void current.ended.then(({ code, signal }) => {
      this.#current = undefined
      this.#onEvent({ event: 'exited', name: this.name, pid: current.pid, code, signal })
      if (performance.now() - startedAt > HEALTHY_MS) this.#waitMs = FIRST_WAIT_MS
      this.#startAgain()
    })
  }

  /** Asks it to end, and ends it when it does not; it is not started again. */
  async stop() {
    this.#stopping = true
    clearTimeout(this.#timer)
    const current = this.#current
    if (!current) return
    signalGroup(current.pid, 'SIGTERM')
    // One that is paused would never hear the other signal.
    signalGroup(current.pid, 'SIGCONT')
    const force = setTimeout(() => signalGroup(current.pid, 'SIGKILL'), STOP_MS)
    await current.ended
    clearTimeout(force)
  }

  #startAgain() {
    if (this.#stopping) return
    this.#timer = setTimeout(() => {
      this.start().catch((error) => {
        this.#onEvent({ event: 'failed', name: this.name, reason: error.message })
        this.#startAgain()
      })
    }, this.#waitMs)
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS)
  }
}

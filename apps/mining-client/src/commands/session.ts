import { wordsOf } from '@quarry/cli-kit'
import type { CancelTimer, Clock } from '@quarry/domain'
import type { Ending, Miner } from '../application/miner.ts'
import type { Finished } from '../application/work.ts'
import type { DataFolder } from '../data/data-folder.ts'
import { HistoryLog } from '../data/history-log.ts'
import { readSession, writeSession } from '../data/session-file.ts'
import type { MiningSocket } from '../socket/mining-socket.ts'
import type { MiningReport } from '../terminal/mining-report.ts'

const EVERY_MS = 1_000

/** Keeps the history and the session file while mining goes on. A disk that refuses them does not stop the mining. */
export class Session {
  readonly #folder: DataFolder
  readonly #report: MiningReport
  readonly #socket: MiningSocket
  readonly #clock: Clock
  readonly #who: { server: string; deviceId: string }
  readonly #history: HistoryLog
  readonly #before: { pages: number; bytes: number; coins: number }
  readonly #startedAt: number
  #miner: Miner | undefined
  #cancel: CancelTimer | undefined
  #complained = false

  constructor(
    deps: { folder: DataFolder; report: MiningReport; socket: MiningSocket; clock: Clock },
    who: { server: string; deviceId: string },
  ) {
    this.#folder = deps.folder
    this.#report = deps.report
    this.#socket = deps.socket
    this.#clock = deps.clock
    this.#who = who
    this.#history = new HistoryLog(deps.folder.path)
    this.#before = readSession(deps.folder)?.total ?? { pages: 0, bytes: 0, coins: 0 }
    this.#startedAt = deps.clock.now()
  }

  begin(miner: Miner): void {
    this.#miner = miner
    this.#save('connecting')
    this.#cancel = this.#clock.after(EVERY_MS, () => void this.#tick(miner))
  }

  ended(finished: Finished, ending: Exclude<Ending, 'later'>): void {
    this.#report.ended(finished, ending)
    this.#guarded(() => this.#history.add(finished, ending))
  }

  end(): void {
    this.#cancel?.()
    this.#guarded(() => this.#history.flush())
    this.#save('ended')
  }

  async #tick(miner: Miner): Promise<void> {
    this.#cancel = this.#clock.after(EVERY_MS, () => void this.#tick(miner))
    this.#guarded(() => this.#history.flush())
    this.#save(this.#report.stateOf(miner))
    if (miner.inHand === 0) this.#report.waitingJobs((await this.#socket.status())?.waitingJobs)
  }

  #save(state: string): void {
    const now = this.#report.figures
    const total = {
      pages: this.#before.pages + now.pages,
      bytes: this.#before.bytes + now.bytes,
      coins: this.#before.coins + now.coins,
    }
    this.#guarded(() =>
      writeSession(this.#folder, {
        pid: process.pid,
        ...this.#who,
        startedAt: this.#startedAt,
        updatedAt: this.#clock.now(),
        state,
        ...now,
        inHand: this.#miner?.inHand ?? 0,
        waiting: this.#miner?.waiting ?? 0,
        total,
      }),
    )
  }

  #guarded(write: () => void): void {
    try {
      write()
    } catch (error) {
      if (!this.#complained) this.#report.note(`The history in ${this.#folder.path} cannot be kept: ${wordsOf(error)}`)
      this.#complained = true
    }
  }
}

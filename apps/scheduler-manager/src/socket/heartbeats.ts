import type { ManagerBeat } from '@quarry/contracts'
import type { CancelTimer, Clock } from '@quarry/domain'

/** A connection that beats are sent along. */
export interface BeatenSocket {
  emit(event: 'beat', beat: ManagerBeat, answer: () => void): unknown
  disconnect(close: boolean): unknown
}

export interface BeatRules {
  readonly everyMs: number
  /** Silence after which a peer counts as gone. */
  readonly silenceMs: number
}

/** Sends beats to every peer and ends the connection of one that does not answer: it hangs, or its network is cut. */
export class Heartbeats<S extends BeatenSocket> {
  readonly #clock: Clock
  readonly #rules: BeatRules
  /** Beats in a row that were not answered. */
  readonly #unanswered = new Map<S, number>()
  #cancel: CancelTimer | undefined

  constructor(clock: Clock, rules: BeatRules) {
    this.#clock = clock
    this.#rules = rules
  }

  /** `silent` hears of each peer that is given up, just before its connection ends. */
  start(beat: () => ManagerBeat, silent: (socket: S) => void): void {
    this.#cancel = this.#clock.after(this.#rules.everyMs, () => {
      for (const [socket, unanswered] of this.#unanswered) this.#beat(socket, unanswered, { beat, silent })
      this.start(beat, silent)
    })
  }

  add(socket: S): void {
    this.#unanswered.set(socket, 0)
  }

  remove(socket: S): void {
    this.#unanswered.delete(socket)
  }

  stop(): void {
    this.#cancel?.()
    this.#unanswered.clear()
  }

  #beat(socket: S, unanswered: number, on: { beat: () => ManagerBeat; silent: (socket: S) => void }): void {
    if (unanswered * this.#rules.everyMs >= this.#rules.silenceMs) {
      this.#unanswered.delete(socket)
      on.silent(socket)
      socket.disconnect(true)
      return
    }
    this.#unanswered.set(socket, unanswered + 1)
    socket.emit('beat', on.beat(), () => {
      if (this.#unanswered.has(socket)) this.#unanswered.set(socket, 0)
    })
  }
}

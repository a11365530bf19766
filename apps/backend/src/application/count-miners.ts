import type { Clock, Instant } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'

/** A mining-server that has said nothing for so long is taken for gone. */
const SILENCE_MS = 15_000

/** How many miners are connected to all mining-servers, by their own hints; good for telling, not for deciding. */
export class CountMiners {
  readonly #clock: Clock
  readonly #servers = new Map<string, { count: number; heardAt: Instant }>()
  readonly #live: LiveEvents
  #stop: () => void = () => undefined

  constructor(deps: { live: LiveEvents; clock: Clock }) {
    this.#clock = deps.clock
    this.#live = deps.live
  }

  start(): void {
    this.#stop = this.#live.subscribe('miners', (event) => {
      if (event.kind !== 'miners-connected') return
      this.#servers.set(event.server, { count: event.count, heardAt: this.#clock.now() })
    })
  }

  stop(): void {
    this.#stop()
  }

  get count(): number {
    const since = this.#clock.now() - SILENCE_MS
    for (const [server, { heardAt }] of this.#servers) if (heardAt < since) this.#servers.delete(server)
    return [...this.#servers.values()].reduce((sum, { count }) => sum + count, 0)
  }
}

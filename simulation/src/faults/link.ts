import type { SimProcess } from '../kernel/sim-process.ts'
import type { Network } from './network.ts'

/** One end of a connection between two processes, as the process there uses it. */
export interface LinkEnd {
  /** Runs `action` in the other process, after everything sent before. Lost when the connection ends first. */
  send(action: () => void): void
  close(): void
  readonly open: boolean
}

/** Connects two processes; `ended` is called once in each when the connection is over, whoever ended it. */
export function connect(
  network: Network,
  ends: readonly [SimProcess, SimProcess],
  ended: readonly [() => void, () => void],
): readonly [LinkEnd, LinkEnd] {
  const link = { open: true }
  const { world } = ends[0]
  const close = () => {
    if (!link.open) return
    link.open = false
    for (const stop of stops) stop()
    ends.forEach((process, index) => process.deliver(network.latencyMs(), ended[index]!))
  }
  const stops = ends.map((process) => process.onUnreachable(close))
  const endOf = (other: SimProcess): LinkEnd => {
    let lastAt = 0
    return {
      get open() {
        return link.open
      },
      close,
      send: (action) => {
        lastAt = Math.max(lastAt, world.now + network.latencyMs(true))
        world.after(
          lastAt - world.now,
          () => {
            if (link.open && !ends[0].cutOff && !ends[1].cutOff) action()
          },
          other,
        )
      },
    }
  }
  return [endOf(ends[1]), endOf(ends[0])]
}

import type { SeededRandom } from '../kernel/seeded-random.ts'

/** How bad the days of one seed are: probabilities per call or message, and how often something large happens. */
export interface Weather {
  /** A call fails and was not done. */
  readonly refused: number
  /** A call was done and its answer is lost. */
  readonly unknown: number
  /** A call takes seconds. */
  readonly slow: number
  readonly lostHint: number
  /** A message reaches its consumers twice, the second time up to minutes later. */
  readonly duplicate: number
  /** A handled batch is delivered again, because its acknowledgement was lost. */
  readonly lostAck: number
  /** The bus confirms as soon as it has a message, as a durable broker does; else when its consumer is done with it. */
  readonly durableBus: boolean
  readonly meanMsBetweenFaults: number
  /** Wall clocks differ by up to this much from the true time. */
  readonly skewMs: number
  /** Now and then the wall clock of a process is set wrong by this much, for minutes. */
  readonly clockStepMs: number
}

const HOUR_MS = 3_600_000

const kinds = {
  fair: { calls: 0.2, faultsMs: 8 * HOUR_MS },
  rough: { calls: 1, faultsMs: 4 * HOUR_MS },
  stormy: { calls: 4, faultsMs: 2 * HOUR_MS },
} as const

export function drawWeather(random: SeededRandom): Weather {
  const { calls, faultsMs } = kinds[random.weighted({ fair: 1, rough: 3, stormy: 2 })]
  return {
    refused: 0.003 * calls,
    unknown: 0.003 * calls,
    slow: 0.005 * calls,
    lostHint: 0.02 * calls,
    duplicate: 0.004 * calls,
    lostAck: 0.004 * calls,
    durableBus: random.chance(0.6),
    meanMsBetweenFaults: faultsMs,
    skewMs: random.pick([0, 50, 200]),
    clockStepMs: random.pick([0, 0, 0, 0, 5_000, 20_000]),
  }
}

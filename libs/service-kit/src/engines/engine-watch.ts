import type { CancelTimer, Clock } from '@quarry/domain'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { outcomeOf } from '../readiness.ts'

const EVERY_MS = 3_000

/**
 * Looks at each engine now and then: says once when it is lost, with the reason, and once when it is back, and shows it as
 * `quarry_engine_up`. Returns what ends the looking.
 */
export function watchEngines(
  checks: Readonly<Record<string, () => Promise<void>>>,
  { clock, logger, metrics }: { clock: Clock; logger: Logger; metrics: Registry },
): () => void {
  const up = new Gauge({
    name: 'quarry_engine_up',
    help: '1 while the engine answers this process, 0 while it does not',
    labelNames: ['engine'],
    registers: [metrics],
  })
  const timers = new Map<string, CancelTimer>()
  let ended = false
  const look = async (engine: string, check: () => Promise<void>, wasUp: boolean) => {
    const outcome = await outcomeOf(check)
    if (ended) return
    const isUp = outcome === 'ok'
    if (wasUp && !isUp) logger.error({ engine, reason: outcome }, 'engine is lost, waiting for it')
    if (!wasUp && isUp) logger.info({ engine }, 'engine is back')
    up.set({ engine }, isUp ? 1 : 0)
    timers.set(
      engine,
      clock.after(EVERY_MS, () => void look(engine, check, isUp)),
    )
  }
  for (const [engine, check] of Object.entries(checks)) {
    up.set({ engine }, 1)
    timers.set(
      engine,
      clock.after(EVERY_MS, () => void look(engine, check, true)),
    )
  }
  return () => {
    ended = true
    for (const cancel of timers.values()) cancel()
  }
}

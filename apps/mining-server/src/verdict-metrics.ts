import type { SubmissionVerdict } from '@quarry/contracts'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { MinerSession } from './application/miner-session.ts'

/** Counts what miners are answered, and names in the log whose results were refused as not what they claim to be. */
export class VerdictMetrics {
  readonly #logger: Logger
  readonly #verdicts: Counter

  constructor(metrics: Registry, logger: Logger) {
    this.#logger = logger
    this.#verdicts = new Counter({
      name: 'quarry_submission_verdicts_total',
      help: 'Answers to submitted results: accepted, invalid (too large, wrong hash, broken contract), stale, later',
      labelNames: ['verdict'],
      registers: [metrics],
    })
  }

  note({ userId, deviceId }: MinerSession, verdicts: readonly SubmissionVerdict[]): void {
    for (const verdict of verdicts) this.#verdicts.inc({ verdict })
    const refused = verdicts.filter((verdict) => verdict === 'invalid').length
    if (refused > 0) this.#logger.warn({ userId, deviceId, refused }, 'a miner sent results that were refused')
  }
}

import type { Instant } from '../clock.ts'
import type { JobId } from '../ids.ts'

/** As many closed generations span the remembered time; one more is being filled. */
const GENERATIONS = 8

interface Generation {
  readonly startedAt: Instant
  lastAt: Instant
  readonly jobIds: Set<JobId>
}

/**
 * The ids of jobs finished lately. Each is remembered for `rememberMs` and up to an eighth longer, unless more than
 * `maxCount` finished meanwhile: then the oldest are forgotten first. Ids are dropped a generation at a time, which
 * needs neither a time per id nor a scan.
 */
export class FinishedJobs {
  readonly #rememberMs: number
  readonly #maxPerGeneration: number
  readonly #generations: Generation[] = []

  constructor(rememberMs: number, maxCount: number) {
    this.#rememberMs = rememberMs
    this.#maxPerGeneration = Math.max(1, Math.floor(maxCount / (GENERATIONS + 1)))
  }

  add(jobId: JobId, now: Instant): void {
    let newest = this.#generations.at(-1)
    const full =
      newest === undefined ||
      newest.jobIds.size >= this.#maxPerGeneration ||
      now - newest.startedAt >= this.#rememberMs / GENERATIONS
    if (newest === undefined || full) {
      newest = { startedAt: now, lastAt: now, jobIds: new Set() }
      this.#generations.push(newest)
    }
    newest.jobIds.add(jobId)
    newest.lastAt = now
    this.#forget(now)
  }

  has(jobId: JobId, now: Instant): boolean {
    this.#forget(now)
    return this.#generations.some((generation) => generation.jobIds.has(jobId))
  }

  #forget(now: Instant): void {
    for (let oldest = this.#generations[0]; oldest !== undefined; oldest = this.#generations[0]) {
      const over = oldest.lastAt + this.#rememberMs < now || this.#generations.length > GENERATIONS + 1
      if (!over) return
      this.#generations.shift()
    }
  }
}

import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { SeedOptions, SeedOutcome } from './run-seed.ts'

/** Runs the seeds, so many at once; `ended` hears of each as it ends. Outcomes at the index of their seed. */
export async function runSeeds(
  all: readonly SeedOptions[],
  atOnce: number,
  ended: (outcome: SeedOutcome) => void = () => undefined,
): Promise<readonly SeedOutcome[]> {
  const waiting = [...all.entries()]
  const outcomes: SeedOutcome[] = []
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, options] = next
      const outcome = await inThread(options)
      outcomes[index] = outcome
      ended(outcome)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return outcomes
}

/** A thread for each seed: what one leaves behind in memory is gone with it. An error in it counts as broken. */
function inThread(options: SeedOptions): Promise<SeedOutcome> {
  const here = fileURLToPath(import.meta.url)
  const worker = new Worker(new URL(`./seed.worker${extname(here)}`, import.meta.url))
  return new Promise<SeedOutcome>((resolve) => {
    worker.on('message', resolve)
    worker.on('error', (error) => resolve(crashed(options.seed, error)))
    worker.postMessage(options)
  }).finally(() => worker.terminate())
}

function crashed(seed: number, error: unknown): SeedOutcome {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const violations = [{ promise: 'nothing throws where nobody catches', subject: 'the program', detail }]
  return { seed, violations, traceHash: '', counts: {}, latenessP99Ms: 0, seconds: 0, trace: [] }
}

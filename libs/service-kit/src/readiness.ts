import type { HealthView } from '@quarry/contracts'

/** Resolves when the thing it looks at can be used; rejects with why not. */
export type ReadinessCheck = () => Promise<void> | void

/** A check that takes longer counts as failed. */
const PATIENCE_MS = 2_000

/** What a process needs before it takes work; each service adds its own checks. */
export class Readiness {
  readonly service: string
  readonly #checks = new Map<string, ReadinessCheck>()
  #draining = false

  constructor(service: string) {
    this.service = service
  }

  add(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check)
  }

  /** From now on the process says it is not ready, so that load balancers send nobody new. */
  drain(): void {
    this.#draining = true
  }

  async view(): Promise<HealthView> {
    const outcomes = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    )
    const checks = Object.fromEntries(this.#draining ? [...outcomes, ['process', 'is shutting down']] : outcomes)
    return { status: Object.values(checks).every((c) => c === 'ok') ? 'ok' : 'unready', service: this.service, checks }
  }
}

/** `ok`, or why the check failed; it is given two seconds. */
export async function outcomeOf(check: ReadinessCheck): Promise<string> {
  const late = AbortSignal.timeout(PATIENCE_MS)
  const tooLate = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error('does not answer')))
  })
  try {
    // Not called right here: a check that throws at once would leave `tooLate` to nobody, and end the process.
    await Promise.race([Promise.resolve().then(check), tooLate])
    return 'ok'
  } catch (error) {
    return error instanceof Error ? error.message : 'failed'
  }
}

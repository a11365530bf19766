import { failureRules, type Clock } from '@quarry/domain'
import type { JobQueue, Lease, ResultBus } from '@quarry/messaging-port'
import { failedLease } from './failed-lease.ts'

/** Settles jobs to hosts that the operator has denied since they were ordered. */
export class RefuseDenied {
  readonly #queue: JobQueue
  readonly #bus: ResultBus
  readonly #clock: Clock
  readonly #patternFor: (host: string) => string | undefined
  readonly #onError: (error: unknown) => void

  constructor(deps: {
    queue: JobQueue
    bus: ResultBus
    clock: Clock
    patternFor: (host: string) => string | undefined
    onError: (error: unknown) => void
  }) {
    this.#queue = deps.queue
    this.#bus = deps.bus
    this.#clock = deps.clock
    this.#patternFor = deps.patternFor
    this.#onError = deps.onError
  }

  /**
   * The leases that may go to miners. The others become failures beside the caller, and their coins go back; when that
   * fails their leases run out, and whoever claims them next tries again.
   */
  sift(leases: readonly Lease[]): readonly Lease[] {
    const denied = leases.filter(({ job }) => this.#patternFor(job.host) !== undefined)
    if (denied.length === 0) return leases
    this.#settle(denied).catch(this.#onError)
    return leases.filter((lease) => !denied.includes(lease))
  }

  async #settle(leases: readonly Lease[]): Promise<void> {
    const now = this.#clock.now()
    const results = leases.map((lease) => {
      const pattern = this.#patternFor(lease.job.host) ?? lease.job.host
      const detail = `The operator lets no job go to ${pattern}.`
      const outcome = { kind: 'failure', reason: 'host_denied', fault: failureRules.host_denied.fault, detail } as const
      return failedLease(lease, outcome, { at: now, attempts: lease.attempt - 1 })
    })
    await this.#bus.results.publish(results)
    await this.#queue.ack(leases.map(({ token }) => ({ token })))
  }
}

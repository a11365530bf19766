import type { ResultMessage } from '@quarry/contracts'
import { failureRules, MAX_ATTEMPTS, type Clock } from '@quarry/domain'
import type { JobQueue, Lease, ResultBus } from '@quarry/messaging-port'
import { failedLease } from './failed-lease.ts'

const BATCH = 200

/** Delivers jobs whose attempts or patience are used up as failures, and ends expired leases. Any server may do it. */
export class ReapJobs {
  readonly #queue: JobQueue
  readonly #bus: ResultBus
  readonly #clock: Clock
  readonly #rules: { server: string; leaseMs: number }

  constructor(deps: { queue: JobQueue; bus: ResultBus; clock: Clock }, rules: { server: string; leaseMs: number }) {
    this.#queue = deps.queue
    this.#bus = deps.bus
    this.#clock = deps.clock
    this.#rules = rules
  }

  /** Returns how many jobs were given up. */
  async run(): Promise<number> {
    let reaped = 0
    for (;;) {
      const dead = await this.#queue.reap({ ...this.#rules, max: BATCH })
      if (dead.length === 0) return reaped
      await this.#bus.results.publish(dead.map((lease) => this.#failure(lease)))
      await this.#queue.ack(dead.map(({ token }) => ({ token })))
      reaped += dead.length
    }
  }

  #failure(lease: Lease): ResultMessage {
    const reason = lease.attempt >= MAX_ATTEMPTS ? 'lease_expired' : 'patience_over'
    const outcome = { kind: 'failure', reason, fault: failureRules[reason].fault, detail: details[reason] } as const
    return failedLease(lease, outcome, { at: this.#clock.now(), attempts: lease.attempt })
  }
}

const details = {
  lease_expired: `${MAX_ATTEMPTS} miners took the job and none came back with a result.`,
  patience_over: "No attempt succeeded within the order's patience.",
} as const

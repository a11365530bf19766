import type { Job } from '@quarry/domain'
import { aRun, type ClusterPorts } from '@quarry/testkit'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const IDLE_MS = 10

/** Claims every job as it comes, stores its run and acknowledges it; remembers who came how often, and how late. */
export class MineEverything {
  /** How often each job of ours was handed out. */
  readonly claims = new Map<string, number>()
  /** From due to claimed, of each job of ours when it first came. */
  readonly latenessMs: number[] = []
  readonly #ports: Pick<ClusterPorts, 'jobs' | 'results'>
  readonly #ours: (job: Job) => boolean
  readonly #server = `test-${randomUUID()}`
  #ended = false
  #done: Promise<void> = Promise.resolve()

  constructor(ports: Pick<ClusterPorts, 'jobs' | 'results'>, ours: (job: Job) => boolean) {
    this.#ports = ports
    this.#ours = ours
  }

  start(): void {
    this.#done = this.#run()
  }

  /** Rejects with what went wrong on the way. */
  async stop(): Promise<void> {
    this.#ended = true
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const { leases } = await this.#ports.jobs.claim({ server: this.#server, max: 200, leaseMs: 60_000 })
      if (leases.length === 0) {
        await sleep(IDLE_MS)
        continue
      }
      const jobs = leases.map(({ job }) => job).filter(this.#ours)
      for (const job of jobs) this.#claimed(job)
      if (jobs.length > 0)
        await this.#ports.results.store(
          jobs.map((job) => runOf(job)),
          Date.now(),
        )
      await this.#ports.jobs.ack(leases.map(({ token }) => ({ token })))
    }
  }

  #claimed({ jobId, dueAt }: Job): void {
    const before = this.claims.get(jobId) ?? 0
    this.claims.set(jobId, before + 1)
    if (before === 0) this.latenessMs.push(Date.now() - dueAt)
  }
}

function runOf({ jobId, orderId, rep, customerId, url, priceCoins, dueAt, traceparent }: Job) {
  const { outcome, ...run } = aRun({ jobId, orderId, rep, customerId, url, priceCoins, dueAt, traceparent })
  return { run: { ...run, outcome }, body: Buffer.from('page') }
}

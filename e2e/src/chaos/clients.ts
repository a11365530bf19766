import type { ApiClient, AppProcess } from '@quarry/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Marketplace } from '../marketplace.ts'

const RESTART_MS = 500

/** The CLIs under load: as many miners and result-clients as asked for, each started again when it dies. */
export class ChaosClients {
  readonly #processes = new Map<string, AppProcess>()
  readonly #starts = new Map<string, () => Promise<AppProcess>>()
  #ending = false

  private constructor(starts: ReadonlyMap<string, () => Promise<AppProcess>>) {
    this.#starts = new Map(starts)
  }

  /** One miner per owner (`miner-0` …), one result-client per customer (`receiver-0` …), each in a folder of its name. */
  static async start(
    market: Marketplace,
    people: { owners: readonly ApiClient[]; customers: readonly ApiClient[] },
  ): Promise<ChaosClients> {
    const starts = new Map<string, () => Promise<AppProcess>>()
    const mine = ['--allow-address', '127.0.0.1/32', '--concurrency', '8']
    for (const [nth, owner] of people.owners.entries()) {
      const token = await owner.token('mine')
      starts.set(`miner-${nth}`, () => market.miner(owner, `miner-${nth}`, { token, args: mine }))
    }
    for (const [nth, customer] of people.customers.entries()) {
      const token = await customer.token('results:read')
      starts.set(`receiver-${nth}`, () => market.receiver(customer, `receiver-${nth}`, { token }))
    }
    const clients = new ChaosClients(starts)
    await Promise.all([...starts.keys()].map((name) => clients.#run(name)))
    return clients
  }

  get names(): readonly string[] {
    return [...this.#starts.keys()]
  }

  has(name: string): boolean {
    return this.#starts.has(name)
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#processes.get(name)?.signal(signal)
  }

  /** Lets every client finish and end by itself; gives those that did not end with code 0. */
  async drain(): Promise<readonly string[]> {
    this.#ending = true
    const ends = await Promise.all(
      [...this.#processes].map(async ([name, process]) => {
        process.signal('SIGCONT')
        const code = await process.stop()
        return code === 0 ? [] : [`${name} ended with ${code}: ${process.lines.slice(-3).join(' | ')}`]
      }),
    )
    return ends.flat()
  }

  async #run(name: string): Promise<void> {
    const process = await this.#starts.get(name)!()
    this.#processes.set(name, process)
    void process.exit().then(async () => {
      await sleep(RESTART_MS)
      if (!this.#ending) await this.#run(name)
    })
  }
}

import { join } from 'node:path'

/** A node of the cluster, as the project's own tool starts it. */
export interface CassandraNode {
  readonly ports: { readonly main: number; readonly storage: number }
  readonly env: Readonly<Record<string, string>>
  kill(): Promise<void>
  start(): Promise<void>
  pause(): void
  resume(): void
}

interface Started {
  readonly engines: { readonly cassandra: CassandraNode }
  stop(): Promise<void>
}

/** As much of that tool as is needed here. */
interface EnginesTool {
  startEngines(what: {
    engines: readonly ['cassandra']
    options: { cassandra: { heap: string; beside?: { address: string; main: number; storage: number } } }
  }): Promise<Started>
}

/** A cluster of several nodes of Cassandra, each on a loopback address of its own, with data that go with it. */
export class CassandraCluster {
  readonly #started: Started[] = []

  static async start(nodes: number): Promise<CassandraCluster> {
    const path = join(import.meta.dirname, '../../../../tools/engines/start.mjs')
    const tool = (await import(/* @vite-ignore */ path)) as EnginesTool
    const cluster = new CassandraCluster()
    for (let nth = 1; nth <= nodes; nth++) await cluster.#join(tool, `127.0.0.${nth}`)
    return cluster
  }

  get nodes(): readonly CassandraNode[] {
    return this.#started.map(({ engines }) => engines.cassandra)
  }

  get contactPoints(): readonly string[] {
    return this.nodes.map(({ env }) => env.QUARRY_CASSANDRA!)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((each) => each.stop()))
  }

  async #join(tool: EnginesTool, address: string): Promise<void> {
    const first = this.nodes[0]
    const beside = first && { address, main: first.ports.main, storage: first.ports.storage }
    this.#started.push(
      await tool.startEngines({
        engines: ['cassandra'],
        options: { cassandra: { heap: '512m', ...(beside && { beside }) } },
      }),
    )
  }
}

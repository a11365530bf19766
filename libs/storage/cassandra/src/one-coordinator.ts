import {
  policies,
  types,
  type Client,
  type EmptyCallback,
  type ExecutionOptions,
  type Host,
  type HostMap,
} from 'cassandra-driver'

const { LoadBalancingPolicy, DCAwareRoundRobinPolicy } = policies.loadBalancing

/**
 * Sends all that concerns one partition to one node, the first of its replicas in the local data center that is up; the
 * others follow. For conditional writes and serial reads: those of one coordinator reach the replicas in one order, while
 * those of several cut each other off halfway, and then nobody knows what became of them. What has no partition is spread.
 */
export class OneCoordinator extends LoadBalancingPolicy {
  readonly #spread: policies.loadBalancing.LoadBalancingPolicy
  #client: Client | undefined

  constructor(localDataCenter: string) {
    super()
    this.#spread = new DCAwareRoundRobinPolicy(localDataCenter)
  }

  override init(client: Client, hosts: HostMap, callback: EmptyCallback): void {
    this.#client = client
    this.#spread.init(client, hosts, callback)
  }

  override getDistance(host: Host): types.distance {
    return this.#spread.getDistance(host)
  }

  override newQueryPlan(
    keyspace: string,
    options: ExecutionOptions | null,
    callback: (error: Error, plan: Iterator<Host>) => void,
  ): void {
    // The driver's types do not know that preparing a statement has no options.
    this.#spread.newQueryPlan(keyspace, options as ExecutionOptions, (error, others) => {
      callback(error, error || !options ? others : this.#plan(options.getKeyspace() || keyspace, options, others))
    })
  }

  *#plan(keyspace: string, options: ExecutionOptions, others: Iterator<Host>): Generator<Host> {
    const key = options.getRoutingKey()
    const replicas = key ? (this.#client?.getReplicas(keyspace, key as Buffer) ?? []) : []
    const near = new Set(replicas.filter((host) => this.getDistance(host) === types.distance.local))
    yield* near
    for (let next = others.next(); !next.done; next = others.next()) if (!near.has(next.value)) yield next.value
  }
}

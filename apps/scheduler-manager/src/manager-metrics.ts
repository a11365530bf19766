import { Counter, Gauge, type Registry } from 'prom-client'

/** What a manager shows of itself to Prometheus. */
export class ManagerMetrics {
  readonly #leaderships: Counter
  readonly #duplicates: Counter<'kind'>

  constructor(
    metrics: Registry,
    now: { leads(): boolean; leaderEpoch(): number; shardEpoch(): number; members(): number; backups(): number },
  ) {
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers: [metrics],
        collect() {
          this.set(value())
        },
      })
    gauge('quarry_manager_leads', '1 while this manager is primary', () => (now.leads() ? 1 : 0))
    gauge('quarry_manager_leader_epoch', 'The leadership that this manager knows of', () => now.leaderEpoch())
    gauge('quarry_manager_shard_epoch', 'Epoch of the last hand-out of shards', () => now.shardEpoch())
    gauge('quarry_manager_schedulers', 'Schedulers that this manager knows of', () => now.members())
    gauge('quarry_manager_backups', 'Backups that follow this primary', () => now.backups())
    this.#leaderships = new Counter({
      name: 'quarry_manager_leaderships_total',
      help: 'How often this manager became primary',
      registers: [metrics],
    })
    this.#duplicates = new Counter({
      name: 'quarry_manager_duplicate_ids_total',
      help: 'Greetings with an id that another connected process has',
      labelNames: ['kind'],
      registers: [metrics],
    })
  }

  becamePrimary(): void {
    this.#leaderships.inc()
  }

  duplicate(kind: 'scheduler' | 'manager'): void {
    this.#duplicates.inc({ kind })
  }
}

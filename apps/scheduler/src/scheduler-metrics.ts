import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { EmissionMeter } from './application/emission-meter.ts'
import type { KeepSchedule } from './application/keep-schedule.ts'
import type { WatchClock } from './application/watch-clock.ts'

/** What a scheduler shows of itself to Prometheus. */
export class SchedulerMetrics implements EmissionMeter {
  readonly #metrics: Registry
  readonly #lateness: Histogram
  readonly #reEmitted: Counter<'verdict'>
  readonly #gaveUp: Counter

  constructor(metrics: Registry) {
    this.#metrics = metrics
    this.#lateness = new Histogram({
      name: 'quarry_scheduler_lateness_seconds',
      help: 'Time from when a repetition is due until the queue has its job',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600],
      registers: [metrics],
    })
    this.#reEmitted = new Counter({
      name: 'quarry_scheduler_reemitted_total',
      help: 'Jobs emitted again because they may be lost, by whether the queue still knew them',
      labelNames: ['verdict'],
      registers: [metrics],
    })
    this.#gaveUp = new Counter({
      name: 'quarry_scheduler_given_up_total',
      help: 'Repetitions settled without an attempt',
      registers: [metrics],
    })
  }

  emitted(latenessMs: number): void {
    this.#lateness.observe(Math.max(0, latenessMs) / 1000)
  }

  reEmitted({ queued, known }: { queued: number; known: number }): void {
    this.#reEmitted.inc({ verdict: 'queued' }, queued)
    this.#reEmitted.inc({ verdict: 'known' }, known)
  }

  gaveUp(reps: number): void {
    this.#gaveUp.inc(reps)
  }

  /** Shows where the schedule stands whenever somebody looks. */
  show(schedule: KeepSchedule, clock: WatchClock): readonly Gauge[] {
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.#metrics],
        collect() {
          this.set(value())
        },
      })
    return [
      gauge('quarry_scheduler_owned_buckets', 'Buckets that this scheduler owns', () => schedule.ownedBuckets.length),
      gauge('quarry_scheduler_shard_epoch', 'Epoch of the shard that it acts on', () => schedule.shard?.epoch ?? 0),
      gauge('quarry_scheduler_heap_orders', 'Orders that something is due of', () => schedule.watchedOrders),
      gauge('quarry_scheduler_clock_offset_ms', "Clock minus the scheduler-manager's", () => clock.offsetMs),
    ]
  }
}

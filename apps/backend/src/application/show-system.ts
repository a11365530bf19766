import { PROTOCOL_VERSION, type HealthView, type SystemView } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'

/** One process as it tells of itself. */
export interface AskedService {
  readonly health: HealthView
  /** Its metrics in Prometheus' text form. */
  readonly metrics: string
}

/** What the marketplace looks like from here: the processes that this one knows, and the queue. */
export class ShowSystem {
  readonly #ask: () => Promise<readonly AskedService[]>
  readonly #queue: JobQueue
  readonly #clock: Clock
  readonly #nodeVersion: string

  constructor(deps: {
    ask: () => Promise<readonly AskedService[]>
    queue: JobQueue
    clock: Clock
    nodeVersion: string
  }) {
    this.#ask = deps.ask
    this.#queue = deps.queue
    this.#clock = deps.clock
    this.#nodeVersion = deps.nodeVersion
  }

  /** Never fails for a part that does not answer: that is what it is there to show. */
  async run(): Promise<SystemView> {
    const [asked, queue] = await Promise.all([this.#ask(), this.#queue.depth().catch(() => null)])
    const services = asked.map(({ health }) => ({
      service: health.service,
      ready: health.status === 'ok',
      checks: health.checks,
    }))
    const figures = (name: string, labels = '') => asked.flatMap(({ metrics }) => valuesOf(metrics, name, labels))
    const dead = figures('quarry_dead_letters')
    const late = asked.flatMap(({ metrics }) => quantileOf(metrics, 'quarry_scheduler_lateness_seconds', 0.99) ?? [])
    return {
      at: this.#clock.now(),
      protocolVersion: PROTOCOL_VERSION,
      nodeVersion: this.#nodeVersion,
      services,
      queue,
      deadLetters: dead.length === 0 ? null : Math.max(...dead),
      latenessP99Ms: late.length === 0 ? null : Math.round(1000 * Math.max(...late)),
    }
  }
}

/** The values of a metric, whatever its labels; only those lines that have `labels`. */
function valuesOf(metrics: string, name: string, labels: string): number[] {
  return metrics
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
}

/** The upper bound of the bucket in which a histogram's quantile lies; undefined when nothing was observed. */
function quantileOf(metrics: string, name: string, quantile: number): number | undefined {
  const buckets = metrics
    .split('\n')
    .flatMap((line) => {
      const match = /^(\w+)_bucket\{.*le="([^"]+)".*\} (\S+)$/.exec(line)
      return match?.[1] === name && match[2] !== '+Inf' ? [{ le: Number(match[2]), count: Number(match[3]) }] : []
    })
    .sort((a, b) => a.le - b.le)
  const [total = 0] = valuesOf(metrics, `${name}_count`, '')
  if (total === 0) return undefined
  return buckets.find(({ count }) => count >= quantile * total)?.le ?? buckets.at(-1)?.le
}

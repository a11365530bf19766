import { randomOf } from '../seeded-random.ts'

/**
 * Something that goes wrong: `kill` is kill -9 (its supervisor starts it again), `pause` SIGSTOP for `forMs`, `empty`
 * makes Redis forget everything.
 */
export interface Fault {
  /** Since the load began. */
  readonly atMs: number
  readonly kind: 'kill' | 'pause' | 'empty'
  readonly target: string
  readonly forMs?: number
}

export interface Targets {
  readonly services: readonly string[]
  readonly clients: readonly string[]
}

/** Time for the marketplace to get going before anything breaks. */
const CALM_MS = 5_000
/** Engines fail one after another, with time to come back: two at once would only be one longer outage. */
const ENGINE_GAP_MS = 25_000
const engineFaults: readonly Omit<Fault, 'atMs'>[] = [
  { kind: 'empty', target: 'redis' },
  { kind: 'kill', target: 'rabbitmq' },
  { kind: 'kill', target: 'cassandra' },
  { kind: 'kill', target: 'redis' },
  { kind: 'pause', target: 'cassandra', forMs: 6_000 },
  { kind: 'kill', target: 'traefik' },
  { kind: 'pause', target: 'redis', forMs: 5_000 },
  { kind: 'pause', target: 'rabbitmq', forMs: 5_000 },
]

/** The faults of a run, by time; the same for the same seed, length and targets. */
export function planFaults(seed: number, durationMs: number, targets: Targets): readonly Fault[] {
  const random = randomOf(seed)
  const between = (least: number, most: number) => Math.round(least + random() * (most - least))
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const faults: Fault[] = []
  for (let atMs = CALM_MS + between(0, 3_000); atMs < durationMs; atMs += between(1_500, 6_000)) {
    const target = random() < 0.65 ? oneOf(targets.services) : oneOf(targets.clients)
    // Longer than any lease of leadership or of a job that tests use: who wakes up finds that it was replaced.
    faults.push(
      random() < 0.6 ? { atMs, kind: 'kill', target } : { atMs, kind: 'pause', target, forMs: between(500, 15_000) },
    )
  }
  const order = shuffled(engineFaults, random)
  for (let atMs = CALM_MS + between(0, 10_000), nth = 0; atMs < durationMs; atMs += ENGINE_GAP_MS + between(0, 5_000))
    faults.push({ ...order[nth++ % order.length]!, atMs })
  return faults.toSorted((a, b) => a.atMs - b.atMs)
}

function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  return list
    .map((value) => ({ value, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value)
}

import { finalAudit } from './audit/final-audit.ts'
import type { Violation } from './audit/violation.ts'
import { Witness } from './audit/witness.ts'
import { Network } from './faults/network.ts'
import { plants, type Plant, type PlantName } from './faults/plants.ts'
import { drawWeather } from './faults/weather.ts'
import type { TraceWish } from './kernel/trace.ts'
import { World } from './kernel/world.ts'
import { Marketplace } from './marketplace.ts'

const DAY_MS = 24 * 3_600_000
const START = Date.UTC(2026, 0, 1)
/** So long nothing may have happened before a moment counts as calm; longer than any round of looking for work. */
const CALM_MS = 30_000
/** What a clock may be off beyond its skew, by rounding and waiting. */
const CLOCKS_MS = 100
const LOOK_MS = 5_000
/** Without a calm moment for this long something is stuck. */
const RESTLESS_MS = 6 * 3_600_000

export interface SeedOptions {
  readonly seed: number
  readonly days: number
  readonly schedulers: number
  readonly miners: number
  readonly orders: number
  readonly plant?: PlantName
  readonly trace?: TraceWish
}

/** What became of one seed. */
export interface SeedOutcome {
  readonly seed: number
  /** Empty when every promise held. */
  readonly violations: readonly Violation[]
  /** The same for every run of the seed. */
  readonly traceHash: string
  readonly counts: Readonly<Record<string, number>>
  readonly latenessP99Ms: number
  /** How long it took, of this machine's time. */
  readonly seconds: number
  readonly trace: readonly string[]
}

/** Lives through one seed's days, lets everything recover, and audits. Ends at the first broken promise. */
export async function runSeed(options: SeedOptions): Promise<SeedOutcome> {
  const startedAt = performance.now()
  const world = new World(options.seed, { start: START, ...(options.trace && { trace: options.trace }) })
  const network = new Network(world, drawWeather(world.random))
  const violations: Violation[] = []
  const object = (violation: Violation) => {
    if (violations.length === 0)
      world.trace.tell(world.now, `BROKEN: ${violation.promise}: ${violation.subject}: ${violation.detail}`)
    violations.push(violation)
    world.stop()
  }
  const witness = new Witness(world, CLOCKS_MS + 2 * (network.weather.skewMs + 2 * network.weather.clockStepMs), object)
  const plant: Plant | undefined = options.plant && plants[options.plant]
  const market = new Marketplace(world, { network, witness, plant, size: options })
  const end = START + options.days * DAY_MS
  const watch = calmWatch(world, market, { witness, object })
  await world.run(end, watch)
  market.end()
  await world.run(end + RESTLESS_MS, { ...watch, action: () => endWhenSettled(world, market, witness) })
  if (violations.length === 0) {
    const userIds = [...market.customers.ids, ...market.minerUsers]
    const { stores, bus } = market.engines
    violations.push(
      ...(await finalAudit({ stores, witness, disks: market.disks, userIds, deadLetters: bus.deadLetters })),
    )
  }
  world.trace.mix(world.now, world.eventCount, world.random.next(), witness.runs.size)
  const outcome = {
    seed: options.seed,
    violations,
    traceHash: world.trace.hash,
    counts: {
      ...witness.counts,
      orders: witness.orders.size,
      runs: witness.runs.size,
      faults: market.chaos.count,
      events: world.eventCount,
      livedSeconds: Math.round((world.now - START - world.skippedMs) / 1000),
    },
    latenessP99Ms: percentile(witness.latenessMs, 0.99),
    seconds: (performance.now() - startedAt) / 1000,
    trace: world.trace.lines,
  }
  await market.engines.close()
  return outcome
}

interface Watch {
  readonly everyMs: number
  readonly action: () => Promise<void>
}

/** In every calm moment nothing may be missing; then the calm is skipped. */
function calmWatch(
  world: World,
  market: Marketplace,
  { witness, object }: { witness: Witness; object: (violation: Violation) => void },
): Watch {
  let calmAt = world.now
  const action = async () => {
    if (await market.isCalm(CALM_MS)) {
      calmAt = world.now
      if (!witness.checkCalm()) world.trace.tell(world.now, market.describe())
      if (world.skipCalm()) calmAt = world.now
    } else if (world.now - calmAt > RESTLESS_MS) {
      object({ promise: 'work comes to its end', subject: 'marketplace', detail: market.describe() })
    }
  }
  return { everyMs: LOOK_MS, action }
}

/** At the end every order closes and every result reaches its customer; until then the simulation goes on. */
async function endWhenSettled(world: World, market: Marketplace, witness: Witness): Promise<void> {
  const closed = [...witness.orders.values()].every(({ entry }) => entry.closed)
  const received = market.disks.reduce((sum, { received }) => sum + received.size, 0)
  if (closed && received === witness.runs.size && (await market.isCalm(CALM_MS))) world.stop()
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { parseOptions } from '../src/options.ts'
import { plants, type PlantName } from '../src/faults/plants.ts'
import type { SeedOptions } from '../src/run-seed.ts'
import { runSeeds } from '../src/run-seeds.ts'

const cores = availableParallelism()
const size = { days: 30, schedulers: 10, miners: 100, orders: 90 }
/** Planted bugs show within a few days of a few seeds. */
const FEW_SEEDS = 5
const FEW_DAYS = 6

function seeds(count: number, more: Partial<SeedOptions> = {}): SeedOptions[] {
  return Array.from({ length: count }, (_, index) => ({ ...size, ...more, seed: index + 1 }))
}

describe('the marketplace, simulated', () => {
  test('keeps every promise, whatever dies', async () => {
    const outcomes = await runSeeds(process.env.CI ? seeds(20) : seeds(4, { days: 10 }), cores)
    const broken = outcomes.flatMap(({ seed, violations }) => violations.map((violation) => ({ seed, ...violation })))
    expect(broken).toEqual([])
    const counts = outcomes.map(({ counts }) => counts)
    // It would keep its promises easily if nothing happened.
    for (const name of ['runs', 'faults', 'repeatedEmissions', 'repeatedResults', 'raced', 'refusedEpochs'])
      expect(
        counts.reduce((sum, count) => sum + (count[name] ?? 0), 0),
        name,
      ).toBeGreaterThan(0)
  })

  test('lives the same life whenever a seed is run, and another with another seed', async () => {
    const [first, other] = await runSeeds(seeds(2, { days: 3 }), cores)
    const [again, traced] = await runSeeds(
      [
        { ...size, days: 3, seed: 1 },
        { ...size, days: 3, seed: 1, trace: { subject: 'o', lines: 10 } },
      ],
      cores,
    )
    expect(again?.traceHash).toBe(first?.traceHash)
    expect(traced?.traceHash).toBe(first?.traceHash)
    expect(traced?.trace).toHaveLength(10)
    expect(other?.traceHash).not.toBe(first?.traceHash)
  })

  test.each(Object.keys(plants) as PlantName[])('finds the planted bug %s', async (plant) => {
    let found: string | undefined
    for (let seed = 1; found === undefined && seed <= FEW_SEEDS; seed += cores) {
      const some = Array.from({ length: cores }, (_, index) => ({ ...size, days: FEW_DAYS, plant, seed: seed + index }))
      for (const { violations } of await runSeeds(some, cores)) found ??= violations[0]?.promise
    }
    expect(found).toMatch(promisesBroken[plant])
  })
})

/** The promise that each plant breaks first. */
const promisesBroken: Record<PlantName, RegExp> = {
  'watermark-before-emit': /^a watermark says what was emitted$/,
  'emit-without-horizon': /^nothing is emitted beyond the horizon$/,
  'settle-before-store': /^coins (move for a stored reason|follow what was stored)$/,
  'ack-before-confirm': /^every emitted repetition gets a run$/,
  'advance-without-epoch': /^a stale owner is refused$/,
  'ledger-without-ids': /^(each id settles once|the ledger takes every settlement)$/,
  'refund-under-another-id': /^coins move for a stored reason$/,
}

describe('its command line', () => {
  test('reads what to run', () => {
    expect(parseOptions(['--seeds', '3', '--first', '7', '--days', '2'], 2)).toMatchObject({
      seeds: [7, 8, 9],
      days: 2,
      jobs: 2,
      schedulers: 10,
      miners: 100,
    })
    expect(parseOptions(['--seed', '9', '--trace', '--plant', 'ledger-without-ids'], 8)).toMatchObject({
      seeds: [9],
      jobs: 1,
      trace: true,
      plant: 'ledger-without-ids',
    })
  })

  test.each([[['--seeds']], [['--seeds', 'many']], [['--plant', 'none']], [['--what', '1']]])('refuses %j', (args) => {
    expect(parseOptions(args, 2)).toHaveProperty('problem')
  })
})

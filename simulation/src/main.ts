import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseOptions, usage, type SimulateOptions } from './options.ts'
import { runSeeds } from './run-seeds.ts'
import type { SeedOutcome } from './run-seed.ts'

const SHOWN_VIOLATIONS = 5
const SHOWN_SEEDS = 20
const TRACE_LINES = 200

async function simulate(options: SimulateOptions): Promise<number> {
  const startedAt = performance.now()
  const { days, schedulers, miners, orders, plant } = options
  const seeds = options.seeds.map((seed) => ({ seed, days, schedulers, miners, orders, ...(plant && { plant }) }))
  let done = 0
  const outcomes = await runSeeds(seeds, options.jobs, (outcome) => print(lineOf(outcome, ++done, seeds.length)))
  const failed = outcomes.filter(({ violations }) => violations.length > 0)
  for (const outcome of failed.slice(0, SHOWN_SEEDS)) show(outcome, options)
  const [first] = failed
  if (options.trace && first) await showTrace(first, options)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(outcomes, undefined, 2)}\n`)
  const seconds = (performance.now() - startedAt) / 1000
  print(`\n${(seconds / seeds.length).toFixed(1)} s a seed, ${seconds.toFixed(0)} s in all`)
  print(`${outcomes.length - failed.length} seeds passed, ${failed.length} failed`)
  return failed.length === 0 ? 0 : 1
}

function lineOf(
  { seed, violations, counts, latenessP99Ms, traceHash, seconds }: SeedOutcome,
  done: number,
  of: number,
): string {
  const verdict = violations.length === 0 ? 'passed' : 'FAILED'
  const { orders = 0, runs = 0, faults = 0, events = 0 } = counts
  const lateness = `late p99 ${(latenessP99Ms / 1000).toFixed(1)} s`
  return `${done}/${of}  seed ${seed} ${verdict} in ${seconds.toFixed(1)} s  ${orders} orders, ${runs} runs, ${faults} faults, ${events} events over ${counts.livedSeconds ?? 0} s, ${lateness}, trace ${traceHash}`
}

function show({ seed, violations }: SeedOutcome, { days, plant }: SimulateOptions): void {
  print(`\nSeed ${seed} broke ${violations.length === 1 ? 'a promise' : `${violations.length} promises`}:`)
  for (const { promise, subject, detail } of violations.slice(0, SHOWN_VIOLATIONS))
    print(`  ${promise}: ${subject}: ${detail}`)
  const more = `${days === 30 ? '' : ` --days ${days}`}${plant ? ` --plant ${plant}` : ''}`
  print(`  Replay it: npm run simulate -- --seed ${seed}${more} --trace`)
}

/** The same seed again, which lives the same life, with its last events about the first broken promise written down. */
async function showTrace({ seed, violations }: SeedOutcome, options: SimulateOptions): Promise<void> {
  const { days, schedulers, miners, orders, plant } = options
  const trace = { subject: violations[0]!.subject, lines: TRACE_LINES }
  const again = { seed, days, schedulers, miners, orders, trace, ...(plant && { plant }) }
  const [outcome] = await runSeeds([again], 1)
  print(`\nThe last events about ${trace.subject} and around it:`)
  for (const line of outcome?.trace ?? []) print(`  ${line}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

const options = parseOptions(process.argv.slice(2), availableParallelism())
if ('problem' in options) {
  process.stderr.write(`${options.problem}\n\n${usage}`)
  process.exitCode = 2
} else {
  process.exitCode = await simulate(options)
}

import { isPlantName, plants, type PlantName } from './faults/plants.ts'

export interface SimulateOptions {
  readonly seeds: readonly number[]
  readonly days: number
  readonly schedulers: number
  readonly miners: number
  readonly orders: number
  readonly jobs: number
  readonly trace: boolean
  readonly json: string | undefined
  readonly plant: PlantName | undefined
}

export const usage = `npm run simulate -- [options]

Lives through many days of a whole marketplace on a simulated clock, with faults of every kind, and audits it.

  --seeds N        so many seeds, from 1 on (default 20)
  --seed S         only this one
  --first S        the first of --seeds
  --days D         simulated days (default 30)
  --schedulers N   scheduler processes (default 10)
  --miners N       miners (default 100)
  --orders N       orders placed (default 90)
  --jobs N         seeds run at once (default: the machine's cores)
  --trace          with --seed: shows the last events about the order in question
  --json FILE      writes what became of each seed
  --plant NAME     with a bug on purpose: ${Object.keys(plants).join(', ')}
`

const numbers = ['seeds', 'seed', 'first', 'days', 'schedulers', 'miners', 'orders', 'jobs'] as const
type NumberName = (typeof numbers)[number]

/** The options of a command line, or what is wrong with it. */
export function parseOptions(args: readonly string[], cores: number): SimulateOptions | { readonly problem: string } {
  const given = new Map<NumberName, number>()
  let [trace, json, plant]: [boolean, string | undefined, PlantName | undefined] = [false, undefined, undefined]
  for (let at = 0; at < args.length; at++) {
    const name = args[at]!.replace(/^--/, '')
    if (name === 'trace') {
      trace = true
      continue
    }
    const value = args[++at]
    if (value === undefined) return { problem: `${args[at - 1]} needs a value` }
    if (name === 'json') json = value
    else if (name === 'plant') {
      if (!isPlantName(value)) return { problem: `there is no plant ${value}` }
      plant = value
    } else if (numbers.includes(name as NumberName) && /^\d{1,9}$/.test(value))
      given.set(name as NumberName, Number(value))
    else return { problem: `${args[at - 1]} ${value} is not understood` }
  }
  const first = given.get('seed') ?? given.get('first') ?? 1
  const count = given.has('seed') ? 1 : (given.get('seeds') ?? 20)
  return {
    seeds: Array.from({ length: count }, (_, index) => first + index),
    days: given.get('days') ?? 30,
    schedulers: given.get('schedulers') ?? 10,
    miners: given.get('miners') ?? 100,
    orders: given.get('orders') ?? 90,
    jobs: Math.max(1, Math.min(count, given.get('jobs') ?? cores)),
    trace,
    json,
    plant,
  }
}

import { parseArgs } from 'node:util'
import { partNames, type PartName } from './engines/parts.ts'

const help = `npm run bench -- [standalone|engines] [options]

standalone (the default): the marketplace in one process on SQLite against Crawlee's HttpCrawler.
engines: on Cassandra, Redis, RabbitMQ and Traefik, which are started for it and stopped again. Its parts:
  throughput   the same figure as standalone, every service a process behind Traefik
  job-queue    the job queue on Redis against BullMQ on the same Redis
  ledger       settlements in batches against one conditional write each, on the same Cassandra
  orders       one scheduler with 1,000,000 active orders: memory, idle CPU, and 100,000 due at once
  miners       one mining-server with 10,000 idle miners: memory

  --only NAME,…      these parts of engines
  --pages N          pages of the throughput (default 20000)
  --changing         a page that differs at every visit
  --orders N         active orders of the part orders (default 1000000); a tenth of them falls due at once
  --miners N         idle miners (default 10000)
  --calm-minutes N   before each part wait so long at most for a load average below 2 (default 0)
  --json FILE        write the figures there as well
  --help

Figures go to standard output as JSON, what happens meanwhile to standard error.
`

export interface BenchOptions {
  readonly ground: 'standalone' | 'engines'
  readonly only: readonly PartName[]
  readonly pages: number
  readonly changing: boolean
  readonly orders: number
  readonly miners: number
  readonly calmMs: number
  readonly json: string | undefined
}

/** What was asked for; throws with a sentence when it makes no sense. `undefined` after help was shown. */
export function readOptions(argv: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      pages: { type: 'string', default: '20000' },
      changing: { type: 'boolean', default: false },
      orders: { type: 'string', default: '1000000' },
      miners: { type: 'string', default: '10000' },
      'calm-minutes': { type: 'string', default: '0' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return undefined
  }
  const [ground = 'standalone', ...more] = positionals
  if ((ground !== 'standalone' && ground !== 'engines') || more.length > 0)
    throw new Error(`${positionals.join(' ')}: allowed are standalone and engines.`)
  return {
    ground,
    only: values.only === undefined ? partNames : values.only.split(',').map(partName),
    pages: whole('--pages', values.pages),
    changing: values.changing,
    orders: whole('--orders', values.orders),
    miners: whole('--miners', values.miners),
    calmMs: Number(values['calm-minutes']) * 60_000,
    json: values.json,
  }
}

function partName(name: string): PartName {
  const found = partNames.find((known) => known === name)
  if (found === undefined) throw new Error(`--only ${name}: known are ${partNames.join(', ')}.`)
  return found
}

function whole(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${option} ${text}: must be a whole number above 0.`)
  return number
}

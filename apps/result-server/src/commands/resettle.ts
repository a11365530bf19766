import type { Instant } from '@quarry/domain'
import {
  ConfigError,
  openBusForCommand,
  openStoresForCommand,
  systemClock,
  systemRandom,
  type Environment,
} from '@quarry/service-kit'
import { parseArgs } from 'node:util'
import { Resettle, type Resettled } from '../application/resettle.ts'
import { exitCodeOf, type Output } from './exit-code.ts'

/** Settlements that are named; the others are counted. */
const MOST_NAMED = 100
const PROGRESS_EVERY = 10_000

const HELP = `Usage: resettle [--since TIME] [--dry-run] [--json]

Looks through the stored runs and the cancelled orders for those whose coins the ledger has not moved, and publishes their
settlements again: for when RabbitMQ has lost its data. Runs beside working services. Repeating it is harmless, and so is
what RabbitMQ still has: the ledger makes each settlement once.

  --since    only runs stored since then, such as 2026-11-21 or 2026-11-21T08:30Z; all that are kept when not given
  --dry-run  publishes nothing, and says what it would
  --json     a JSON object a line: owed, progress, done

Examples:
  resettle --dry-run
  resettle --since 2026-11-21T08:30Z

Of the settlements the first ${MOST_NAMED} are named, and all are counted.
Cassandra and RabbitMQ are found by QUARRY_ENGINES=cluster, QUARRY_CASSANDRA and QUARRY_RABBITMQ.
Exit codes: 0 done, 1 an engine does not answer (repeat it), 2 wrong usage or settings.
`

interface Asked {
  readonly since: Instant | undefined
  readonly dryRun: boolean
  readonly json: boolean
}

/**
 * `node apps/result-server/dist/main.js resettle`: publishes again the settlements that a lost RabbitMQ took with it. Exit
 * code 0, or 1 when an engine does not answer; throws `ConfigError` for wrong usage, and on one machine, where the process
 * does so by itself when it starts.
 */
export async function resettle(args: readonly string[], env: Environment, output: Output): Promise<number> {
  const asked = understood(args)
  if (asked === 'help') {
    output.write(HELP)
    return 0
  }
  return exitCodeOf(run(asked, env, output), output)
}

async function run({ since, dryRun, json }: Asked, env: Environment, output: Output): Promise<void> {
  const rabbit = await openBusForCommand(env)
  try {
    const stores = await openStoresForCommand('resettle', env)
    try {
      const deps = { stores, clock: systemClock, random: systemRandom, ...(!dryRun && { bus: rabbit.bus }) }
      const report = new Report(output, { dryRun, json })
      for await (const { owed, soFar } of new Resettle(deps).run(since)) {
        for (const { transfer, standing } of owed) report.owed(transfer, standing)
        report.progress(soFar)
      }
      report.done()
    } finally {
      await stores.close()
    }
  } finally {
    await rabbit.close()
  }
}

class Report {
  readonly #output: Output
  readonly #dryRun: boolean
  readonly #json: boolean
  #named = 0
  #shownAt = 0
  #sums: Resettled = { runs: 0, orders: 0, published: 0, refused: 0 }

  constructor(output: Output, { dryRun, json }: Pick<Asked, 'dryRun' | 'json'>) {
    this.#output = output
    this.#dryRun = dryRun
    this.#json = json
  }

  owed({ id, amountCoins, credit }: { id: string; amountCoins: number; credit: string }, standing: string): void {
    if (this.#named++ >= MOST_NAMED) return
    const what = standing === 'refused' ? 'refused' : this.#dryRun ? 'owed' : 'published'
    this.#say(
      { event: 'owed', id, amountCoins, credit, what },
      `${what}  ${id}  ${amountCoins} to ${credit}${what === 'refused' ? '  the ledger will never make it: audit' : ''}`,
    )
  }

  progress(sums: Resettled): void {
    this.#sums = sums
    const looked = sums.runs + sums.orders
    if (looked - this.#shownAt < PROGRESS_EVERY) return
    this.#shownAt = looked
    this.#say({ event: 'progress', ...sums }, `... ${this.#words()}`)
  }

  done(): void {
    this.#say({ event: 'done', dryRun: this.#dryRun, ...this.#sums }, this.#words())
  }

  #words(): string {
    const { runs, orders, published, refused } = this.#sums
    const done = this.#dryRun ? 'to be published' : 'published again'
    return `${runs} runs and ${orders} orders looked at: ${published} settlements ${done}, ${refused} refused`
  }

  #say(event: object, words: string): void {
    this.#output.write(`${this.#json ? JSON.stringify(event) : words}\n`)
  }
}

function understood(args: readonly string[]): Asked | 'help' {
  const { since, help, json, 'dry-run': dryRun } = parsed(args)
  if (help) return 'help'
  const at = since === undefined ? undefined : Date.parse(since)
  if (at !== undefined && !(/^\d{4}-\d\d-\d\d/.test(since ?? '') && Number.isFinite(at)))
    throw misuse('--since takes a time such as 2026-11-21T08:30Z')
  return { since: at, dryRun: dryRun === true, json: json === true }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        since: { type: 'string' },
        'dry-run': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw misuse((error as Error).message)
  }
}

function misuse(what: string): ConfigError {
  return new ConfigError(`resettle: ${what}\n\n${HELP}`)
}

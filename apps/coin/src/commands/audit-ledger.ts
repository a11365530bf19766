import { ConfigError, openStoresForCommand, systemClock, type Environment } from '@quarry/service-kit'
import { auditOwed } from '@quarry/storage-port'
import { parseArgs } from 'node:util'

/** Settling takes less than a second; a coin service that is started again, some more. */
const DEFAULT_GRACE_S = 60

const HELP = `Usage: audit [--grace SECONDS]

Checks every invariant of the ledger, and that everything stored is settled: each run that is kept, each cancelled order.
Runs beside a working marketplace, and changes nothing.

  --grace  what was stored within so many seconds may still be on its way; ${DEFAULT_GRACE_S} when not given

Examples:
  audit
  audit --grace 600    while coin services catch up

Of what is not settled the first 100 are named, and all are counted. If it does not wait in RabbitMQ, RabbitMQ has lost
it: run resettle, a command of result-server.
Exit codes: 0 sound, 1 broken, 2 no database, wrong usage or settings.
`

interface Output {
  write(text: string): unknown
}

/**
 * `node apps/coin/dist/main.js audit`: checks every invariant of the ledger, and that it has what is stored elsewhere;
 * prints what is broken, one line each. Exit code 0 when all holds, 1 when not; throws `ConfigError` when there is no ledger
 * and for wrong usage. Runs beside a working marketplace.
 */
export async function auditLedger(args: readonly string[], env: Environment, output: Output): Promise<number> {
  const graceMs = understood(args)
  if (graceMs === 'help') {
    output.write(HELP)
    return 0
  }
  const stores = await openStoresForCommand('audit', env)
  try {
    const violations = await stores.ledger.audit(systemClock.now())
    const owed = await auditOwed(stores, { clock: systemClock, graceMs })
    for (const { invariant, subject, detail } of [...violations, ...owed.named])
      output.write(`${invariant}  ${subject}  ${detail}\n`)
    if (owed.count > owed.named.length) output.write(`... and ${owed.count - owed.named.length} more not settled\n`)
    const count = violations.length + owed.count
    output.write(count === 0 ? 'The ledger is sound.\n' : `${count} violations.\n`)
    return count === 0 ? 0 : 1
  } finally {
    await stores.close()
  }
}

function understood(args: readonly string[]): number | 'help' {
  const { grace, help } = parsed(args)
  if (help) return 'help'
  if (grace !== undefined && !/^\d{1,6}$/.test(grace)) throw misuse('--grace takes whole seconds, from 0 to 999999')
  return (grace === undefined ? DEFAULT_GRACE_S : Number(grace)) * 1000
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { grace: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    throw misuse((error as Error).message)
  }
}

function misuse(what: string): ConfigError {
  return new ConfigError(`audit: ${what}\n\n${HELP}`)
}

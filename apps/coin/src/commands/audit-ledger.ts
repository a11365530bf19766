import { openStoresForCommand, systemClock, type Environment } from '@quarry/service-kit'

/**
 * `node apps/coin/dist/main.js audit`: checks every invariant of the ledger and prints what is broken, one line each.
 * Exit code 0 when all holds, 1 when not; throws `ConfigError` when there is no ledger. Runs beside a working marketplace.
 */
export async function auditLedger(env: Environment, output: { write(text: string): unknown }): Promise<number> {
  const stores = await openStoresForCommand('audit', env)
  try {
    const violations = await stores.ledger.audit(systemClock.now())
    for (const { invariant, subject, detail } of violations) output.write(`${invariant}  ${subject}  ${detail}\n`)
    output.write(violations.length === 0 ? 'The ledger is sound.\n' : `${violations.length} violations.\n`)
    return violations.length === 0 ? 0 : 1
  } finally {
    await stores.close()
  }
}

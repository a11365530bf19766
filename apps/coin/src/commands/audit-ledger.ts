import { openOneMachine, systemClock, type Environment } from '@quarry/service-kit'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `node apps/coin/dist/main.js audit`: checks every invariant of the ledger in `QUARRY_DATA` and prints what is broken,
 * one line each. Exit code 0 when all holds, 1 when not, 2 when there is no database. Runs beside a working marketplace.
 */
export async function auditLedger(env: Environment, output: { write(text: string): unknown }): Promise<number> {
  const dataDir = env.QUARRY_DATA ?? './data'
  // Opening would make an empty one, and find it sound.
  if (!existsSync(join(dataDir, 'quarry.db'))) {
    output.write(`There is no quarry.db in ${dataDir}; name its folder by QUARRY_DATA.\n`)
    return 2
  }
  const engines = openOneMachine(dataDir, systemClock)
  try {
    const violations = await engines.ledger.audit(systemClock.now())
    for (const { invariant, subject, detail } of violations) output.write(`${invariant}  ${subject}  ${detail}\n`)
    output.write(violations.length === 0 ? 'The ledger is sound.\n' : `${violations.length} violations.\n`)
    return violations.length === 0 ? 0 : 1
  } finally {
    await engines.close()
  }
}

import type { DatabaseSync } from 'node:sqlite'
import { credentialSchema } from './schema/credentials.ts'
import { elsewhereSchema } from './schema/elsewhere.ts'
import { accountDaySchema } from './schema/account-days.ts'
import { bucketHorizonSchema } from './schema/bucket-horizon.ts'
import { ledgerSchema } from './schema/ledger.ts'
import { leaderLeaseSchema } from './schema/leader-lease.ts'
import { notificationSchema } from './schema/notifications.ts'
import { orderLabelSchema } from './schema/order-labels.ts'
import { orderSchema } from './schema/orders.ts'
import { peopleSchema } from './schema/people.ts'
import { resultSchema } from './schema/results.ts'
import { scheduleSchema } from './schema/schedule.ts'
import { testFetchSchema } from './schema/test-fetches.ts'
import { operatorSchema } from './schema/operator.ts'
import { userSchema } from './schema/users.ts'

/**
 * Every step the schema ever took, in order; the database's `user_version` counts those it has behind it.
 * Append only: an entry that has been released is never edited, moved or removed.
 */
export const migrations: readonly string[] = [
  orderSchema,
  scheduleSchema,
  ledgerSchema,
  resultSchema,
  leaderLeaseSchema,
  userSchema,
  notificationSchema,
  testFetchSchema,
  credentialSchema,
  elsewhereSchema,
  operatorSchema,
  peopleSchema,
  orderLabelSchema,
  accountDaySchema,
  bucketHorizonSchema,
]

/**
 * Brings the database up to date, one transaction for each step, so that a crash leaves it between two steps and several
 * processes may start at once. Throws when the database was written by a newer version of this program.
 */
export function migrate(db: DatabaseSync, file: string, steps: readonly string[] = migrations): void {
  while (true) {
    db.exec('BEGIN IMMEDIATE')
    try {
      const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
      if (version > steps.length) {
        throw new Error(
          `The database ${file} has schema version ${version}, but this program knows versions up to ${steps.length}. ` +
            'Run the newer version of Quarry that last used it.',
        )
      }
      const step = steps[version]
      if (step !== undefined) db.exec(`${step};\nPRAGMA user_version = ${version + 1}`)
      db.exec('COMMIT')
      if (step === undefined) return
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

import { createHash } from 'node:crypto'
import bootstrap from './schema/bootstrap.cql?raw'
import orders from './schema/0001-orders.cql?raw'
import ledger from './schema/0002-ledger.cql?raw'
import results from './schema/0003-results.cql?raw'
import users from './schema/0004-users.cql?raw'
import schedule from './schema/0005-schedule.cql?raw'
import credentials from './schema/0006-credentials.cql?raw'
import elsewhere from './schema/0007-elsewhere.cql?raw'
import orderLabels from './schema/0009-order-labels.cql?raw'
import testFetches from './schema/0010-test-fetches.cql?raw'
import operator from './schema/0008-operator.cql?raw'
import notifications from './schema/0011-notifications.cql?raw'
import people from './schema/0012-people.cql?raw'
import bucketHorizon from './schema/0013-bucket-horizon.cql?raw'
import deviceGrantsByUser from './schema/0014-device-grants-by-user.cql?raw'

/** One step of the schema: a numbered file with any number of statements, each of which may be repeated. */
export interface SchemaFile {
  readonly version: number
  readonly name: string
  readonly text: string
}

/** Every step the schema ever took, in order. Append only: a file that has been released is never edited, moved or removed. */
export const schemaFiles: readonly SchemaFile[] = [
  { version: 1, name: 'orders', text: orders },
  { version: 2, name: 'ledger', text: ledger },
  { version: 3, name: 'results', text: results },
  { version: 4, name: 'users', text: users },
  { version: 5, name: 'schedule', text: schedule },
  { version: 6, name: 'credentials', text: credentials },
  { version: 7, name: 'elsewhere', text: elsewhere },
  { version: 8, name: 'operator', text: operator },
  { version: 9, name: 'order-labels', text: orderLabels },
  { version: 10, name: 'test-fetches', text: testFetches },
  { version: 11, name: 'notifications', text: notifications },
  { version: 12, name: 'people', text: people },
  { version: 13, name: 'bucket-horizon', text: bucketHorizon },
  { version: 14, name: 'device-grants-by-user', text: deviceGrantsByUser },
]

/** The tables that the migrator needs before it can lock and look. */
export const bootstrapText: string = bootstrap

/** Tells an edited file from the released one; line endings do not count. */
export function checksumOf(file: SchemaFile): string {
  return createHash('sha256').update(file.text.replaceAll('\r\n', '\n')).digest('hex')
}

/** A file's statements. One ends with a semicolon at the end of a line; comments stand on lines of their own. */
export function statementsOf(text: string): string[] {
  return text
    .replace(/^\s*--.*$/gm, '')
    .split(/;[ \t]*\r?$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

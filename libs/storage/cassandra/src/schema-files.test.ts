import { expect, it } from 'vitest'
import { replicationOf } from './migrate.ts'
import { bootstrapText, schemaFiles, statementsOf } from './schema-files.ts'

it('numbers the schema files without a gap', () => {
  expect(schemaFiles.map(({ version }) => version)).toEqual(schemaFiles.map((_, index) => index + 1))
})

it('has only statements that may be repeated after a crash in the middle of a file', () => {
  const statements = [bootstrapText, ...schemaFiles.map(({ text }) => text)].flatMap(statementsOf)
  expect(statements.length).toBeGreaterThan(10)
  for (const statement of statements) expect(statement).toMatch(/^(CREATE|DROP|ALTER) [^]*\bIF (NOT )?EXISTS\b/)
})

it('parts a file into its statements, whatever stands in comments and texts', () => {
  const text = "-- one; two;\n\nCREATE a -- b;c\n  (x text);\r\n  -- last;\nCREATE d WITH comment = 'e;f';\nCREATE g"
  expect(statementsOf(text)).toEqual(['CREATE a -- b;c\n  (x text)', "CREATE d WITH comment = 'e;f'", 'CREATE g'])
})

it.each([
  ['1', "{'class': 'SimpleStrategy', 'replication_factor': 1}"],
  ['dc1=3', "{'class': 'NetworkTopologyStrategy', 'dc1': 3}"],
  ['eu-west=3, us_1=2', "{'class': 'NetworkTopologyStrategy', 'eu-west': 3, 'us_1': 2}"],
])('reads %s as replication', (text, cql) => {
  expect(replicationOf(text)).toBe(cql)
})

it.each(['', '0', '-1', '1.5', '100', 'dc1', 'dc1=0', 'dc1=3,', "dc'=3", 'dc1=3;DROP'])(
  'refuses the replication "%s"',
  (text) => {
    expect(replicationOf(text)).toBeUndefined()
  },
)

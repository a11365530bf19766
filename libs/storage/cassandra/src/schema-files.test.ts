import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { replicationOf } from './migrate.ts'
import { bootstrapText, schemaFiles, statementsOf } from './schema-files.ts'
import { missingSteps } from './schema-version.ts'

it('numbers the schema files in order, none twice', () => {
  const versions = schemaFiles.map(({ version }) => version)
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b))
})

it('leaves no file of the schema folder out', () => {
  const named = schemaFiles.map(({ version, name }) => `${String(version).padStart(4, '0')}-${name}.cql`)
  const inFolder = readdirSync(new URL('./schema', import.meta.url)).filter((file) => file !== 'bootstrap.cql')
  expect(named).toEqual(inFolder.toSorted())
})

it('takes each step that is missing, also one whose number came late', () => {
  const applied = [1, 2, 4].map((version) => ({ version, name: `${version}`, checksum: '' }))
  const files = [1, 2, 3, 4, 5].map((version) => ({ version, name: `${version}`, text: '' }))
  expect(missingSteps(applied, files).map(({ version }) => version)).toEqual([3, 5])
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

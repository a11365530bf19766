import { onEngine } from '@quarry/engines-under-test'
import { CassandraEngine } from '@quarry/storage-cassandra'
import { randomBytes } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { migrateSchema, readyRestored } from '../src/migrate-schema.ts'

async function run(env: Readonly<Record<string, string | undefined>>, action = migrateSchema) {
  const [output, problems]: [string[], string[]] = [[], []]
  const code = await action(env, { write: (text) => output.push(text) }, { write: (text) => problems.push(text) })
  return { code, output: output.join(''), problems: problems.join('') }
}

describe('with wrong settings', () => {
  it.each([
    [{}, 'QUARRY_CASSANDRA is not set'],
    [{ QUARRY_CASSANDRA: '127.0.0.1:1', QUARRY_CASSANDRA_KEYSPACE: 'Not a name' }, 'QUARRY_CASSANDRA_KEYSPACE'],
    [{ QUARRY_CASSANDRA: '127.0.0.1:1', QUARRY_CASSANDRA_REPLICATION: 'many' }, 'dc1=3,dc2=3'],
  ])('says what is wrong and ends with code 2: %j', async (env, words) => {
    const { code, output, problems } = await run(env)
    expect([code, output]).toEqual([2, ''])
    expect(problems).toContain(words)
  })
})

it('says where Cassandra does not answer and ends with code 1', async () => {
  const { code, problems } = await run({ QUARRY_CASSANDRA: '127.0.0.1:1' })
  expect(code).toBe(1)
  expect(problems).toContain('127.0.0.1:1')
})

onEngine('cassandra', (address) => {
  const keyspace = `test_${randomBytes(8).toString('hex')}`
  const env = { QUARRY_CASSANDRA: address, QUARRY_CASSANDRA_KEYSPACE: keyspace }
  afterAll(async () => {
    const engine = await CassandraEngine.connect({ contactPoints: address.split(','), localDataCenter: 'datacenter1' })
    await engine.define(`DROP KEYSPACE IF EXISTS ${keyspace}`)
    await engine.close()
  })

  it('migrates, says what it did, and finds nothing to do the next time', { timeout: 60_000 }, async () => {
    const first = await run(env)
    expect(first).toMatchObject({ code: 0, problems: '' })
    expect(first.output).toMatch(
      /Created keyspace[^]*SimpleStrategy[^]*Applied 0001-orders[^]*from schema version 0 to/,
    )
    const second = await run(env)
    expect(second).toMatchObject({ code: 0, problems: '' })
    expect(second.output).toMatch(/^Keyspace \w+ is up to date at schema version \d+\.\n$/)
    const restored = await run(env, readyRestored)
    expect(restored).toMatchObject({ code: 0, problems: '' })
    expect(restored.output).toContain('0 inboxes go on behind every cursor that was given.')
  })
})

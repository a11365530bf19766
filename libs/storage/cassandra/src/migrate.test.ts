import { onEngine } from '@quarry/engines-under-test'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addressOf, freshKeyspace } from '../test/cassandra-bench.ts'
import { SchemaMismatch } from './cassandra-connection.ts'
import { CassandraEngine } from './cassandra-engine.ts'
import { CassandraLeaderLease } from './cassandra-leader-lease.ts'
import { migrate, replicationOf } from './migrate.ts'
import { holdMigration } from './migration-lease.ts'
import { bootstrapText, schemaFiles, statementsOf, type SchemaFile } from './schema-files.ts'
import { appliedSteps, requireSchema } from './schema-version.ts'

/** A type is a schema change like any other, and quickly made. */
const typeOf = (name: string) => `CREATE TYPE IF NOT EXISTS ${name} (a text);\n`
const first = { version: 1, name: 'first', text: typeOf('one') + typeOf('two') }
const second = { version: 2, name: 'second', text: typeOf('three') }
const LEASE = 'schema-migration'

onEngine('cassandra', (address) => {
  let keyspace: string
  let admin: CassandraEngine
  beforeAll(async () => void (admin = await CassandraEngine.connect(addressOf(address))))
  afterAll(() => admin.close())
  beforeEach(() => void (keyspace = freshKeyspace()))
  afterEach(() => admin.define(`DROP KEYSPACE IF EXISTS ${keyspace}`))

  function run(
    files: readonly SchemaFile[],
    options: { tell?: (line: string) => void; takeOverAfterMs?: number } = {},
  ) {
    return migrate({ ...addressOf(address), keyspace, replication: replicationOf('1')!, files, ...options })
  }

  async function inKeyspace<T>(work: (engine: CassandraEngine) => Promise<T>): Promise<T> {
    const engine = await CassandraEngine.connect({ ...addressOf(address), keyspace })
    try {
      return await work(engine)
    } finally {
      await engine.close()
    }
  }

  async function types(): Promise<string[]> {
    const rows = await admin.read<{ type_name: string }>(
      'SELECT type_name FROM system_schema.types WHERE keyspace_name = ?',
      keyspace,
    )
    return rows.map((row) => row.type_name)
  }

  it('takes a service from no keyspace to one that it can open', async () => {
    const open = () => CassandraEngine.open({ ...addressOf(address), keyspace })
    await expect(open()).rejects.toThrow(/no keyspace .*run the migration/)
    const lines: string[] = []
    const migrated = await migrate({
      ...addressOf(address),
      keyspace,
      replication: replicationOf('1')!,
      tell: (line) => lines.push(line),
    })
    expect(migrated).toEqual({ from: 0, to: schemaFiles.length })
    expect(lines[0]).toContain('Created keyspace')
    expect(lines.slice(1)).toEqual(schemaFiles.map(({ name }) => expect.stringContaining(name) as unknown))
    const engine = await open()
    await engine.check()
    await engine.close()
  })

  it('applies what is missing, once, and remembers it', async () => {
    expect(await run([first])).toEqual({ from: 0, to: 1 })
    expect(await types()).toEqual(['one', 'two'])
    expect(await run([first, second])).toEqual({ from: 1, to: 2 })
    expect(await types()).toEqual(['one', 'three', 'two'])
    const lines: string[] = []
    expect(await run([first, second], { tell: (line) => lines.push(line) })).toEqual({ from: 2, to: 2 })
    expect(lines).toEqual([expect.stringContaining('up to date')])
  })

  it('lets a service run on its own schema and on a newer one, not on an older one', async () => {
    await run([first])
    const open = (files: readonly SchemaFile[]) => inKeyspace((engine) => requireSchema(engine, keyspace, files))
    await open([first])
    await open([])
    await expect(open([first, second])).rejects.toThrow(
      new SchemaMismatch(`Keyspace ${keyspace} has schema version 1, this program needs 2: run the migration`),
    )
    await expect(CassandraEngine.open({ ...addressOf(address), keyspace })).rejects.toThrow(SchemaMismatch)
  })

  it('refuses a released file that was edited, and changes nothing', async () => {
    await run([first])
    const edited = { ...first, text: first.text.replace('two', 'too') }
    await expect(run([edited, second])).rejects.toThrow(/0001-first is not the one that was applied.*never edited/)
    await expect(run([{ ...first, name: 'erster' }, second])).rejects.toThrow(SchemaMismatch)
    await run([{ ...first, text: first.text.replaceAll('\n', '\r\n') }])
    expect(await types()).toEqual(['one', 'two'])
  })

  it('refuses a schema that is newer than it knows', async () => {
    await run([first, second])
    await expect(run([first])).rejects.toThrow(/has schema version 2, this program knows versions up to 1/)
  })

  it('goes on where a crash in the middle of a file left it', async () => {
    await expect(run([{ ...first, text: `${typeOf('one')}CREATE NONSENSE;\n` }])).rejects.toThrow(/NONSENSE/)
    expect(await types()).toEqual(['one'])
    expect(await inKeyspace((engine) => appliedSteps(engine, keyspace))).toEqual([])
    expect(await run([first])).toEqual({ from: 0, to: 1 })
    expect(await types()).toEqual(['one', 'two'])
  })

  describe('with other migrators', () => {
    beforeEach(async () => {
      await admin.define(`CREATE KEYSPACE ${keyspace} WITH replication = ${replicationOf('1')!}`)
      await inKeyspace(async (engine) => {
        for (const statement of statementsOf(bootstrapText)) await engine.define(statement)
      })
    })
    const takenBy = (engine: CassandraEngine) =>
      new CassandraLeaderLease(engine).takeOver(LEASE, { holder: 'another', address: '' }, undefined)

    it('lets one of many that start at once do the work', async () => {
      const lines: string[] = []
      const all = await Promise.all(
        Array.from({ length: 4 }, () => run([first, second], { tell: (line) => lines.push(line) })),
      )
      expect(all.map(({ to }) => to)).toEqual([2, 2, 2, 2])
      expect(lines.filter((line) => line.startsWith('Applied')).sort()).toEqual([
        expect.stringContaining('0001-first'),
        expect.stringContaining('0002-second'),
      ])
    })

    it('takes over from a dead one, and waits for one that lives', async () => {
      await inKeyspace(async (engine) => {
        const taken = await takenBy(engine)
        if (!taken.ok) throw new Error('The lease was not free')
        const lease = new CassandraLeaderLease(engine)
        let held = taken.value
        const migrating = run([first], { takeOverAfterMs: 1_000 })
        for (let beats = 0; beats < 8; beats++) {
          await sleep(250)
          const renewed = await lease.renew(LEASE, held)
          if (!renewed.ok) throw new Error('A living migrator has lost its lease')
          held = renewed.value
        }
        expect(await types()).toEqual([])
        expect(await migrating).toEqual({ from: 0, to: 1 })
        expect(await lease.read(LEASE)).toMatchObject({ holder: '' })
      })
    })

    it('stops once another has taken its lease over', async () => {
      await inKeyspace(async (engine) => {
        const lease = new CassandraLeaderLease(engine)
        const held = holdMigration(engine, { tell: () => undefined, takeOverAfterMs: 1_000 }, async (stillHeld) => {
          let seen = await lease.read(LEASE)
          while (!(await lease.takeOver(LEASE, { holder: 'another', address: '' }, seen)).ok)
            seen = await lease.read(LEASE)
          for (;;) {
            stillHeld()
            await sleep(20)
          }
        })
        await expect(held).rejects.toThrow('another')
        expect(await lease.read(LEASE)).toMatchObject({ holder: 'another' })
      })
    })
  })
})

import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate, migrations } from './migrations.ts'
import { SqliteEngine } from './sqlite-engine.ts'

describe('SqliteEngine', () => {
  let folder: string
  let file: string
  let engine: SqliteEngine
  let steps: string[]
  let before: (step: string) => void
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quarry-engine-'))
    file = join(folder, 'quarry.db')
    steps = []
    before = () => undefined
    engine = SqliteEngine.open(file, {
      busyTimeoutMs: 200,
      faults: {
        before: (step) => {
          steps.push(step)
          before(step)
        },
      },
    })
  })
  afterEach(async () => {
    await engine.close()
    await rm(folder, { recursive: true })
  })

  const insert = (id: string) => engine.write((db) => void db.prepare('INSERT INTO customer (id) VALUES (?)').run(id))
  const customers = () =>
    engine
      .prepare('SELECT id FROM customer ORDER BY no')
      .all()
      .map((row) => row['id'])
  const commits = () => steps.filter((step) => step === 'commit').length

  it('commits what comes in together once, in the order it came', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map(insert))
    expect(customers()).toEqual(['a', 'b', 'c', 'd'])
    expect(commits()).toBe(1)
  })

  it('answers nobody before the commit', async () => {
    let answered = 0
    before = (step) => {
      if (step === 'commit') expect(answered).toBe(0)
    }
    await Promise.all(['a', 'b'].map((id) => insert(id).then(() => answered++)))
    expect(answered).toBe(2)
  })

  it('fails the guilty one of a group alone, with its own error', async () => {
    const outcomes = await Promise.allSettled([
      insert('a'),
      engine.write((db) => {
        db.prepare('INSERT INTO customer (id) VALUES (?)').run('half')
        throw new RangeError('guilty')
      }),
      insert('b'),
    ])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: new RangeError('guilty') })
    expect(customers()).toEqual(['a', 'b'])
  })

  it('says Unavailable and has done nothing when it fails before the commit', async () => {
    for (const at of ['begin', 'INSERT INTO customer', 'commit']) {
      before = (step) => {
        if (step === at) throw new Unavailable(at)
      }
      await expect(insert(at)).rejects.toThrow(Unavailable)
    }
    before = () => undefined
    expect(customers()).toEqual([])
    await insert('later')
    expect(customers()).toEqual(['later'])
  })

  it('says UnknownOutcome when it fails after the commit was sent', async () => {
    before = (step) => {
      if (step === 'answer') throw new Error('lost')
    }
    const outcomes = await Promise.allSettled([insert('a'), insert('b')])
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ reason: expect.any(UnknownOutcome) as UnknownOutcome })
    expect(customers()).toEqual(['a', 'b'])
  })

  it('waits for another process without blocking this one, and gives up after the busy timeout', async () => {
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    let ticks = 0
    const ticking = setInterval(() => ticks++, 5)
    await expect(insert('a')).rejects.toThrow(/locked by another process/)
    const patient = insert('b')
    setTimeout(() => other.exec('COMMIT'), 60)
    await patient
    clearInterval(ticking)
    expect(customers()).toEqual(['b'])
    expect(ticks).toBeGreaterThan(3)
    other.close()
  })

  it('reads one moment in a snapshot', async () => {
    const other = SqliteEngine.open(file)
    await insert('a')
    const seen = await engine.snapshot((db) => {
      const first = db.prepare('SELECT count(*) AS n FROM customer').get()
      new DatabaseSync(file).exec(`INSERT INTO customer (id) VALUES ('b')`)
      return [first, db.prepare('SELECT count(*) AS n FROM customer').get()]
    })
    expect(seen).toEqual([{ n: 1 }, { n: 1 }])
    expect(customers()).toEqual(['a', 'b'])
    await other.close()
  })

  it('finishes what was given to it before it closes, and refuses what comes later', async () => {
    const last = insert('last')
    const closing = engine.close()
    await expect(insert('late')).rejects.toThrow(Unavailable)
    await Promise.all([last, closing])
    await expect(engine.read((db) => db.prepare('SELECT id FROM customer').all())).rejects.toThrow(Unavailable)
    engine = SqliteEngine.open(file)
    expect(customers()).toEqual(['last'])
  })

  it('names both versions when the database is newer than the program', () => {
    const newer = new DatabaseSync(file)
    newer.exec(`PRAGMA user_version = ${migrations.length + 3}`)
    newer.close()
    expect(() => SqliteEngine.open(file)).toThrow(
      new RegExp(`schema version ${migrations.length + 3}, .* up to ${migrations.length}`),
    )
  })

  it('migrates step by step, and keeps the steps before one that fails', () => {
    const db = new DatabaseSync(':memory:')
    const two = ['CREATE TABLE a (x)', 'CREATE TABLE b (x)']
    migrate(db, 'test', two.slice(0, 1))
    expect(() => migrate(db, 'test', [...two, 'CREATE TABLE c (x); CREATE TABLE a (x)'])).toThrow('already exists')
    const names = db
      .prepare(`SELECT name FROM sqlite_schema ORDER BY name`)
      .all()
      .map((row) => row['name'])
    expect(names).toEqual(['a', 'b'])
    migrate(db, 'test', [...two, 'CREATE TABLE c (x)'])
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 })
  })

  it('refuses a file that is no database', async () => {
    const text = join(folder, 'notes.txt')
    await writeFile(text, 'these are only notes, and quite a few of them, to be sure'.repeat(20))
    expect(() => SqliteEngine.open(text)).toThrow('not a database')
  })
})

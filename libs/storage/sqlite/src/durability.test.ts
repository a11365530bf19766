import type { JobId } from '@quarry/domain'
import { failedRun, orderOf, pageOf, shaOf, T0 } from '@quarry/storage-conformance'
import { Unavailable } from '@quarry/storage-port'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteEngine } from './sqlite-engine.ts'
import { SqliteLeaderLease } from './sqlite-leader-lease.ts'
import { SqliteLedgerStore } from './sqlite-ledger-store.ts'
import { SqliteOrderStore } from './sqlite-order-store.ts'
import { SqliteResultStore } from './sqlite-result-store.ts'
import { SqliteScheduleStore } from './sqlite-schedule-store.ts'

const WRITER = fileURLToPath(new URL('./endless-writer.ts', import.meta.url))

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-durability-'))
  file = join(folder, 'quarry.db')
})
afterEach(() => rm(folder, { recursive: true }))

/** Runs a writer until it has confirmed `count` jobs, kills it at once and returns what it had confirmed by then. */
async function killedWriter(name: string, count: number): Promise<JobId[]> {
  const writer = spawn(process.execPath, ['--no-warnings', WRITER, file, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const confirmed: JobId[] = []
  const gone = once(writer, 'close')
  for await (const line of createInterface({ input: writer.stdout })) {
    if (/:\d+$/.test(line)) confirmed.push(line as JobId)
    if (confirmed.length === count) writer.kill('SIGKILL')
  }
  await gone
  expect(writer.signalCode).toBe('SIGKILL')
  return confirmed
}

describe('SqliteEngine and what has been confirmed', () => {
  it('loses nothing confirmed when processes are killed in mid-write', { timeout: 60_000 }, async () => {
    const confirmed: JobId[] = []
    for (const round of [0, 1, 2]) {
      const two = await Promise.all([killedWriter(`${round}a`, 40 + round), killedWriter(`${round}b`, 57)])
      confirmed.push(...two.flat())
    }
    expect(confirmed.length).toBeGreaterThan(290)
    const engine = SqliteEngine.open(file)
    const [results, ledger] = [new SqliteResultStore(engine), new SqliteLedgerStore(engine)]
    for (const jobId of confirmed) {
      const run = await results.run(jobId)
      expect(run?.outcome).toMatchObject({ kind: 'page' })
      if (run?.outcome.kind === 'page') {
        expect(await results.body('customer', run.outcome.content.sha256)).toBeDefined()
      }
    }
    const repeated = await ledger.apply(
      confirmed.map((id) => ({ id, kind: 'mint', debit: 'mint:0', credit: 'user:mia', amountCoins: 1, at: T0 })),
    )
    expect(repeated.filter((outcome) => outcome.kind === 'posted' && outcome.repeated)).toHaveLength(confirmed.length)
    expect(await ledger.audit()).toEqual([])
    expect(engine.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    await engine.close()
  })

  it('keeps everything over a close', async () => {
    const first = SqliteEngine.open(file)
    const order = orderOf('o')
    const entry = { order, state: 'active', segments: [{ fromRep: 0, baseAt: T0 }], runNow: 0, closed: false } as const
    await new SqliteOrderStore(first).create(order)
    await new SqliteScheduleStore(first).activate(entry, T0)
    await new SqliteResultStore(first).store([pageOf('o', 0, 'page')], T0)
    await new SqliteLedgerStore(first).apply([
      { id: 'm', kind: 'mint', debit: 'mint:1', credit: 'user:ann', amountCoins: 5, at: T0 },
    ])
    await new SqliteLeaderLease(first).takeOver('managers', { holder: 'a', address: 'x' }, undefined)
    const unawaited = new SqliteResultStore(first).store([{ run: failedRun('o', 1) }], T0)
    await first.close()
    await unawaited

    const second = SqliteEngine.open(file)
    expect(await new SqliteOrderStore(second).find('o')).toEqual({ order, placement: 'placing' })
    expect(await new SqliteScheduleStore(second).find('o')).toEqual(entry)
    const results = new SqliteResultStore(second)
    expect((await results.runsOf('o', { limit: 5 })).items).toEqual([failedRun('o', 1), pageOf('o', 0, 'page').run])
    expect(await results.body('customer', shaOf('page'))).toBeDefined()
    expect(await new SqliteLedgerStore(second).balance('user:ann')).toEqual({ postedCoins: 5, heldCoins: 0 })
    expect(await new SqliteLeaderLease(second).read('managers')).toMatchObject({ holder: 'a', epoch: 1 })
    await second.close()
  })

  it('answers a full disk with Unavailable, goes on reading, and writes again once there is space', async () => {
    const engine = SqliteEngine.open(file, { maxPages: 120 })
    const results = new SqliteResultStore(engine)
    const big = (rep: number) => pageOf('o', rep, `${rep}`.padEnd(40_000, 'x'))
    let stored = 0
    const full = await (async () => {
      for (; stored < 50; stored++) await results.store([big(stored)], T0)
      return undefined
    })().catch((error: unknown) => error)
    expect(full).toBeInstanceOf(Unavailable)
    expect(String(full)).toContain('disk is full')
    expect(stored).toBeGreaterThan(2)

    const ledger = new SqliteLedgerStore(engine)
    const mint = { id: 'm', kind: 'mint', debit: 'mint:1', credit: 'user:ann', amountCoins: 5, at: T0 } as const
    const [body, small] = await Promise.allSettled([results.store([big(stored)], T0), ledger.apply([mint])])
    expect(body.status).toBe('rejected')
    expect(small).toMatchObject({ status: 'fulfilled', value: [{ kind: 'posted' }] })
    expect(await results.totals(['o'])).toMatchObject([{ delivered: stored }])
    expect(await results.unsettled('o', stored + 1, 5)).toEqual([stored])

    engine.prepare('PRAGMA max_page_count = 10000').get()
    expect(await results.store([big(stored)], T0)).toMatchObject([{ kind: 'stored' }])
    await engine.close()
  })
})

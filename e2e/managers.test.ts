import { waitUntil } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildServices, SchedulingProcesses, type ManagerProcess } from './src/scheduling-processes.ts'

/** So long the primary's lease must stand still in a test that shows that nobody waits for it. */
const LONG_TAKE_OVER_MS = 60_000

let folder: string
let all: SchedulingProcesses

beforeAll(() => buildServices('scheduler', 'scheduler-manager'))

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-managers-'))
  all = await startAll({ QUARRY_DATA: folder })
})

afterEach(async () => {
  await all.end()
  rmSync(folder, { recursive: true, force: true })
})

function startAll(env: Record<string, string>): Promise<SchedulingProcesses> {
  return SchedulingProcesses.start(env, { managers: 3, schedulers: 3 })
}

/** Waits until the backups know of every scheduler and the primary of every backup. */
async function replicated(): Promise<void> {
  await waitUntil('every manager knows every scheduler', async () => {
    const known = await Promise.all(all.managers.map((manager) => manager.metric('quarry_manager_schedulers')))
    return known.every((count) => count === all.schedulers.length)
  })
}

/** The shards that the schedulers hold, and that no epoch ever fell on the way there. */
function expectEpochsRose(): void {
  for (const { shards } of all.schedulers) {
    const epochs = shards.map(({ epoch }) => epoch)
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b))
  }
}

const indexes = () => all.schedulers.map(({ shards }) => shards.at(-1)!.index)

/** Breaks the primary somehow and waits for another; says how long the schedulers had none. */
async function takenOver(what: string, harm: (primary: ManagerProcess) => Promise<void> | void) {
  const primary = await all.primary()
  await all.settledUnder(primary)
  await replicated()
  const [before, handOuts] = [indexes(), all.schedulers.map(({ shards }) => shards.length)]
  const leaderEpoch = (await primary.metric('quarry_manager_leader_epoch'))!
  const since = performance.now()
  await harm(primary)
  const next = await all.primary(primary)
  const shards = await all.settledUnder(next)
  const tookMs = Math.round(performance.now() - since)
  process.stdout.write(`${what}: schedulers settled under the new primary after ${tookMs} ms\n`)
  expect(await next.metric('quarry_manager_leader_epoch')).toBeGreaterThan(leaderEpoch)
  expect(shards[0]!.epoch).toBeGreaterThan(leaderEpoch * 2 ** 32)
  expect(indexes(), 'no bucket moved').toEqual(before)
  // One hand-out to each: nobody was given less or more on the way.
  expect(all.schedulers.map(({ shards }, n) => shards.length - handOuts[n]!)).toEqual([1, 1, 1])
  expectEpochsRose()
  return { primary, next, tookMs }
}

test('a primary that is killed is followed by a backup, which keeps every shard', async () => {
  const { primary, next, tookMs } = await takenOver('killed', (primary) => primary.kill())
  expect(tookMs).toBeLessThan(10_000)
  await all.startManager(all.managers.indexOf(primary))
  await replicated()
  expect(await all.primary()).toBe(next)
})

test('a primary that is asked to end is followed at once, however long one that is silent is waited for', async () => {
  await all.end()
  all = await startAll({
    QUARRY_DATA: join(folder, 'patient'),
    QUARRY_MANAGER_TAKE_OVER_MS: String(LONG_TAKE_OVER_MS),
  })
  const { tookMs } = await takenOver('ended', async (primary) => {
    await primary.process.stop()
  })
  expect(tookMs).toBeLessThan(LONG_TAKE_OVER_MS / 2)
})

test('a primary that hangs is followed by a backup, and leads no more when it wakes', async () => {
  const { primary, next, tookMs } = await takenOver('hung', (primary) => primary.pause())
  expect(tookMs).toBeLessThan(20_000)
  primary.wake()
  await waitUntil('it knows better', async () => !(await primary.leads()))
  await replicated()
  expect(await all.primary()).toBe(next)
  await all.settledUnder(next)
  expectEpochsRose()
})

test.each(['cut', 'silence'] as const)(
  'a primary whose connections are lost (%s) is followed by one that can be reached',
  async (how) => {
    const { primary, next } = await takenOver(how, ({ proxy }) => proxy[how]())
    primary.proxy.restore()
    await replicated()
    expect(await all.primary()).toBe(next)
    await all.settledUnder(next)
    expectEpochsRose()
  },
)

test('with all managers gone schedulers keep their buckets; epochs go on when they are back', async () => {
  const primary = await all.primary()
  await all.settledUnder(primary)
  const before = indexes()
  const epoch = all.schedulers[0]!.shards.at(-1)!.epoch
  await Promise.all(all.managers.map((manager) => manager.kill()))
  for (let n = 0; n < 20; n++) {
    const owned = await Promise.all(all.schedulers.map((scheduler) => scheduler.ownedBuckets()))
    expect(owned.reduce((sum, one) => sum + one, 0)).toBe(1024)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const since = performance.now()
  await Promise.all(all.managers.map((_, index) => all.startManager(index)))
  const shards = await all.settledUnder(await all.primary(), epoch)
  process.stdout.write(`all restarted: settled after ${Math.round(performance.now() - since)} ms\n`)
  expect(shards[0]!.epoch).toBeGreaterThan(epoch)
  expect(indexes()).toEqual(before)
  expectEpochsRose()
})

test('all connections cut for a while: buckets stay, and everybody finds together again', async () => {
  await all.settledUnder(await all.primary())
  await replicated()
  for (const { proxy } of all.managers) proxy.cut()
  for (let n = 0; n < 80; n++) {
    const owned = await Promise.all(all.schedulers.map((scheduler) => scheduler.ownedBuckets()))
    expect(owned.reduce((sum, one) => sum + one, 0)).toBe(1024)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  for (const { proxy } of all.managers) proxy.restore()
  await all.settledUnder(await all.primary())
  await replicated()
  expectEpochsRose()
})

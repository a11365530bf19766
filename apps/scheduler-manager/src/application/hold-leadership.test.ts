import { sleep } from '@quarry/domain'
import { Fuse, openTestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HoldLeadership } from './hold-leadership.ts'

const RULES = { renewMs: 1000, takeOverMs: 4000 }

let engines: ReturnType<typeof openTestEngines>
let started: HoldLeadership[]

beforeEach(() => {
  engines = openTestEngines()
  started = []
})

afterEach(async () => {
  for (const manager of started) manager.stop()
  await engines.close()
})

async function manager(name: string, address = `http://${name}`) {
  const fuse = new Fuse()
  const leadership = new HoldLeadership({ lease: fuse.guard(engines.leases), clock: engines.clock }, RULES)
  const changes: (number | undefined)[] = []
  started.push(leadership)
  await leadership.start({ holder: name, address }, () => changes.push(leadership.held?.epoch))
  return { leadership, fuse, changes }
}

test('the first leads, the second waits and knows who leads', async () => {
  const first = await manager('a')
  const second = await manager('b')
  await engines.clock.advance(60_000)
  expect(first.leadership.held).toMatchObject({ holder: 'a', epoch: 1 })
  expect(second.leadership.held).toBeUndefined()
  expect(second.leadership.primary?.address).toBe('http://a')
  expect([first.changes, second.changes]).toEqual([[1], [undefined]])
})

test('a lease that stands still is taken over after four seconds, not before, with a higher epoch', async () => {
  const first = await manager('a')
  const second = await manager('b')
  await engines.clock.advance(1_000)
  first.leadership.stop()
  await engines.clock.advance(3_000)
  expect(second.leadership.held).toBeUndefined()
  await engines.clock.advance(2_000)
  expect(second.leadership.held).toMatchObject({ holder: 'b', epoch: 2 })
})

test('a primary that cannot renew steps down before another can have taken over', async () => {
  const first = await manager('a')
  const second = await manager('b')
  await engines.clock.advance(1_000)
  first.fuse.arm(0, { done: false, lasting: true })
  for (let ms = 0; ms < 20_000; ms += 100) {
    await engines.clock.advance(100)
    expect(first.leadership.held !== undefined && second.leadership.held !== undefined).toBe(false)
  }
  expect(first.leadership.held).toBeUndefined()
  expect(second.leadership.held).toMatchObject({ epoch: 2 })
})

test('a primary whose renewal hangs steps down as well', async () => {
  let hang = false
  const lease = new Proxy(engines.leases, {
    get:
      (target, key: keyof typeof engines.leases) =>
      (...args: never[]) =>
        hang ? new Promise(() => undefined) : (target[key] as (...args: never[]) => unknown).apply(target, args),
  })
  const leadership = new HoldLeadership({ lease, clock: engines.clock }, RULES)
  started.push(leadership)
  await leadership.start({ holder: 'a', address: 'http://a' }, () => undefined)
  hang = true
  await engines.clock.advance(3_100)
  expect(leadership.held).toBeUndefined()
})

test('a renewal that failed once changes nothing', async () => {
  const { leadership, fuse, changes } = await manager('a')
  fuse.arm(0, { done: true, lasting: false })
  await engines.clock.advance(5_000)
  expect(leadership.held?.epoch).toBe(1)
  expect(changes).toEqual([1])
})

test('one that slept learns by its next renewal that it leads no more', async () => {
  const first = await manager('a')
  first.leadership.stop()
  const second = await manager('b')
  await engines.clock.advance(10_000)
  expect(second.leadership.held?.epoch).toBe(2)
  const slept = await engines.leases.renew('scheduler-manager', {
    holder: 'a',
    address: 'http://a',
    epoch: 1,
    beat: 99,
  })
  expect(slept).toMatchObject({ ok: false, error: { current: { holder: 'b' } } })
})

test('a restart on the same address leads again at once, above all it handed out before', async () => {
  const first = await manager('a', 'http://same')
  first.leadership.stop()
  const again = await manager('a2', 'http://same')
  expect(again.leadership.held).toMatchObject({ holder: 'a2', epoch: 2 })
})

test('time to step down counts from when a renewal was asked for, not from when its answer came', async () => {
  let delayMs = 0
  const lease = new Proxy(engines.leases, {
    get:
      (target, key: keyof typeof engines.leases) =>
      async (...args: never[]) => {
        const outcome: unknown = await (target[key] as (...args: never[]) => Promise<unknown>).apply(target, args)
        if (delayMs > 0) await sleep(engines.clock, delayMs)
        return outcome
      },
  })
  const slow = new HoldLeadership({ lease, clock: engines.clock }, RULES)
  started.push(slow)
  await slow.start({ holder: 'a', address: 'http://a' }, () => undefined)
  const backup = await manager('b')
  delayMs = 2_900
  for (let ms = 0; ms < 30_000; ms += 100) {
    await engines.clock.advance(100)
    expect(slow.held !== undefined && backup.leadership.held !== undefined).toBe(false)
    if (ms === 10_000) delayMs = 60_000
  }
  expect(backup.leadership.held).toBeDefined()
})

test('two that announce the same address do not take the lease from each other for ever', async () => {
  const first = await manager('a', 'http://same')
  await engines.clock.advance(5_000)
  const second = await manager('b', 'http://same')
  await engines.clock.advance(60_000)
  expect(second.leadership.held?.epoch).toBe(2)
  expect(first.leadership.held).toBeUndefined()
  expect([first.changes.length, second.changes.length]).toEqual([2, 1])
})

test('a lease whose holder resigned is taken over at once, by one of many', async () => {
  const first = await manager('a')
  const backups = [await manager('b'), await manager('c')]
  await engines.clock.advance(1_500)
  first.leadership.stop()
  for (const { leadership } of backups) leadership.resigned(1)
  await engines.clock.advance(10)
  expect(backups.map(({ leadership }) => leadership.held?.epoch ?? 0).sort()).toEqual([0, 2])
  await engines.clock.advance(60_000)
  expect(backups.map(({ leadership }) => leadership.held?.epoch ?? 0).sort()).toEqual([0, 2])
})

test('what the store says of a leadership counts, not what its holder believes', async () => {
  const first = await manager('a')
  expect(await first.leadership.confirm()).toBe(true)
  const seen = await engines.leases.read('scheduler-manager')
  await engines.leases.takeOver('scheduler-manager', { holder: 'b', address: 'http://b' }, seen)
  expect(first.leadership.held).toBeDefined()
  expect(await first.leadership.confirm()).toBe(false)
})

test('one that abstains lets another lead; alone it leads again later', async () => {
  const first = await manager('a')
  await engines.clock.advance(500)
  first.leadership.abstain()
  expect(first.leadership.held).toBeUndefined()
  await engines.clock.advance(11_000)
  expect(first.leadership.held).toBeUndefined()
  await engines.clock.advance(3_000)
  expect(first.leadership.held).toMatchObject({ epoch: 2 })
  const second = await manager('b')
  first.leadership.abstain()
  await engines.clock.advance(60_000)
  expect([first.leadership.held, second.leadership.held?.epoch]).toEqual([undefined, 3])
})

import type { Clock } from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import { jobFixture, jobQueueSuite, SteppedClock } from '@quarry/messaging-conformance'
import { expect, test } from 'vitest'
import { MemoryJobQueue } from './memory-job-queue.ts'

const NOW = 1_700_000_000_000

/** All clients share the one queue; to lose its memory is to start another in its place. */
async function open() {
  const clock = new SteppedClock(NOW)
  let queue = new MemoryJobQueue(clock)
  const client: JobQueue = {
    enqueue: (jobs) => queue.enqueue(jobs),
    claim: (request) => queue.claim(request),
    extend: (tokens, leaseMs) => queue.extend(tokens, leaseMs),
    ack: (acknowledgements) => queue.ack(acknowledgements),
    release: (releases) => queue.release(releases),
    reap: (request) => queue.reap(request),
    holds: (jobIds) => queue.holds(jobIds),
    depth: () => queue.depth(),
    onClaimable: (listener) => queue.onClaimable(listener),
    identity: () => queue.identity(),
  }
  return {
    connect: async () => client,
    now: async () => clock.now(),
    pass: (ms: number) => clock.pass(ms),
    loseMemory: async () => {
      queue = new MemoryJobQueue(clock)
    },
    close: async () => undefined,
  }
}

jobQueueSuite('memory', open, { time: 'simulated' })

const request = { server: 'server-1', max: 1, leaseMs: 40_000 }

test('a burst of calls gives one hint', async () => {
  const queue = new MemoryJobQueue(new SteppedClock(NOW))
  let heard = 0
  queue.onClaimable(() => (heard += 1))
  const calls = Array.from({ length: 100 }, (_, rep) => queue.enqueue([jobFixture(rep, NOW)]))
  await Promise.all(calls)
  expect(heard).toBe(1)
})

test('who stops listening while a hint is on its way does not hear it', async () => {
  const queue = new MemoryJobQueue(new SteppedClock(NOW))
  let heard = 0
  const stop = queue.onClaimable(() => {
    stopOther()
    heard += 1
  })
  const stopOther = queue.onClaimable(() => (heard += 10))
  await queue.enqueue([jobFixture(1, NOW)])
  stop()
  expect(heard).toBe(1)
})

test('one timer at most is set, whatever waits', async () => {
  let timers = 0
  const stepped = new SteppedClock(NOW)
  const counting: Clock = {
    now: () => stepped.now(),
    after(delayMs, action) {
      timers += 1
      const cancel = stepped.after(delayMs, () => {
        timers -= 1
        action()
      })
      return () => {
        timers -= 1
        cancel()
      }
    },
  }
  const queue = new MemoryJobQueue(counting)
  for (let rep = 0; rep < 50; rep += 1) {
    const gap = { hostGapMs: 10_000 - rep, host: `host-${rep % 5}.example` }
    await queue.enqueue([jobFixture(rep, NOW, gap)])
    await queue.claim(request)
    expect(timers).toBeLessThanOrEqual(1)
  }
})

test('a hint comes at the very moment a host may be asked again', async () => {
  const clock = new SteppedClock(NOW)
  const queue = new MemoryJobQueue(clock)
  const heardAt: number[] = []
  await queue.enqueue([1, 2].map((rep) => jobFixture(rep, NOW, { host: 'one.example', hostGapMs: 1_000 })))
  await queue.claim(request)
  queue.onClaimable(() => heardAt.push(clock.now() - NOW))
  await clock.pass(10_000)
  expect(heardAt).toEqual([6_000])
})

test('an acknowledgement that frees a host is followed by a hint, at once or when the gap is over', async () => {
  const clock = new SteppedClock(NOW)
  const queue = new MemoryJobQueue(clock)
  const heardAt: number[] = []
  await queue.enqueue([1, 2, 3].map((rep) => jobFixture(rep, NOW, { host: 'one.example', hostGapMs: 1_000 })))
  const [first] = (await queue.claim(request)).leases
  queue.onClaimable(() => heardAt.push(clock.now() - NOW))
  await queue.ack([{ token: first?.token ?? '' }])
  await clock.pass(1_000)
  expect(heardAt).toEqual([1_000])
  const [second] = (await queue.claim(request)).leases
  await clock.pass(3_000)
  await queue.ack([{ token: second?.token ?? '' }])
  await Promise.resolve()
  expect(heardAt).toEqual([1_000, 4_000])
})

test('those who may have missed a ready job behind another’s claim are told', async () => {
  let now = NOW
  const queue = new MemoryJobQueue({ now: () => now, after: () => () => undefined })
  const [a, b] = ['a.example', 'b.example'].map((host) => ({ host, hostGapMs: 1_000 }))
  await queue.enqueue([1, 2].flatMap((rep) => [jobFixture(rep, NOW, a), jobFixture(rep + 2, NOW, b)]))
  await queue.claim({ ...request, max: 2 })
  let heard = 0
  queue.onClaimable(() => (heard += 1))
  now += 6_000
  await queue.claim(request)
  await Promise.resolve()
  expect(heard).toBe(1)
})

test('each queue has an identity of its own', async () => {
  const clock = new SteppedClock(NOW)
  expect(await new MemoryJobQueue(clock).identity()).not.toBe(await new MemoryJobQueue(clock).identity())
})

import { BUCKET_COUNT, type Job } from '@quarry/domain'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SchedulerStage } from './scheduler-stage.ts'
import { Gate, SleepyProcess } from './sleepy-process.ts'

const ORDERS = 10_000
/** The orders fall due over so long, some of them twice. */
const SPAN_MS = 60_000
/** What the scheduler-manager gives a scheduler that hangs. */
const SILENCE_MS = 4_000

let stage: SchedulerStage
let running: SleepyProcess[]

beforeEach(async () => {
  stage = new SchedulerStage()
  running = []
  await stage.open()
})

afterEach(() => stage.close())

function join(): SleepyProcess {
  const gate = new Gate()
  const process = new SleepyProcess(gate, stage.deps(`scheduler-${running.length}`, gate))
  running.push(process)
  handOut()
  return process
}

/** As a manager does: one hand-out to all that answer, in the order of their ids. */
function handOut(): void {
  const { epoch } = stage.newShard(0)
  const awake = running.filter(({ gate }) => !gate.shut)
  for (const [index, process] of awake.entries()) process.assign({ index, count: awake.length, epoch })
}

async function leave(process: SleepyProcess): Promise<void> {
  const stopping = process.stop()
  await stage.clock.advance(10)
  await stopping
  running.splice(running.indexOf(process), 1)
  handOut()
}

/** kill -9: it never says anything again, and its manager sees its connection end. */
async function die(process: SleepyProcess): Promise<void> {
  process.gate.close()
  running.splice(running.indexOf(process), 1)
  await stage.clock.advance(1_000)
  handOut()
}

/** SIGSTOP for so long, then SIGCONT: the others get its buckets after a while, and it comes back with its old mind. */
async function hang(process: SleepyProcess, hungMs: number): Promise<void> {
  process.gate.close()
  await stage.clock.advance(SILENCE_MS)
  handOut()
  await stage.clock.advance(hungMs - SILENCE_MS)
  process.gate.open()
  await stage.clock.advance(300)
  handOut()
}

async function placeAll(): Promise<void> {
  const now = stage.clock.now() + 5_000
  for (let from = 0; from < ORDERS; from += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => {
        const n = from + i
        const startAt = now + ((n * 7_919) % SPAN_MS)
        return stage.place({
          id: `order-${n}`,
          schedule: { kind: 'interval', startAt, intervalMs: 20_000 },
          repetitions: n % 4 === 0 ? 2 : 1,
        })
      }),
    )
  }
}

const repsOf = (n: number) => (n % 4 === 0 ? 2 : 1)

test('10,000 orders fall due while schedulers join, leave, die, hang and come back: each repetition once', async () => {
  await placeAll()
  const accepted = new Map<string, number>()
  stage.onQueued = ({ jobId }: Job) => void accepted.set(jobId, (accepted.get(jobId) ?? 0) + 1)
  const [first, second] = [join(), join()]
  await stage.clock.advance(10_000)
  const third = join()
  await stage.clock.advance(5_000)
  await hang(second, 12_000)
  await stage.mine(2_000)
  join()
  await leave(first)
  await stage.clock.advance(5_000)
  await hang(third, 4_500)
  await die(third)
  join()
  await stage.clock.advance(SPAN_MS)
  while ((await stage.mine(5_000)) > 0);
  await stage.clock.advance(10_000)
  const expected = Array.from({ length: ORDERS }, (_, n) =>
    Array.from({ length: repsOf(n) }, (_, rep) => `order-${n}:${rep}`),
  ).flat()
  expect(accepted.size).toBe(expected.length)
  expect([...accepted.values()].filter((times) => times !== 1)).toEqual([])
  const totals = await stage.engines.results.totals(stage.orders.map(({ id }) => id))
  expect(totals.map(({ delivered }) => delivered)).toEqual(Array.from({ length: ORDERS }, (_, n) => repsOf(n)))
  expect(stage.gaveUp).toEqual([])
  expect(await stage.engines.ledger.audit()).toEqual([])
  const late = stage.measured.latenessMs.toSorted((a, b) => a - b)
  process.stdout.write(
    `lateness p50 ${quantile(late, 0.5)} ms, p99 ${quantile(late, 0.99)} ms, most ${late.at(-1)} ms\n`,
  )
  expect(quantile(late, 0.99)).toBeLessThan(120_000)
}, 120_000)

test('the buckets are shared out without rest, and few change hands when one joins', async () => {
  for (let n = 0; n < 4; n++) join()
  await stage.clock.advance(20_000)
  const before = running.map(({ keep }) => new Set(keep.ownedBuckets))
  expect(before.reduce((sum, { size }) => sum + size, 0)).toBe(BUCKET_COUNT)
  join()
  await stage.clock.advance(20_000)
  const moved = running
    .slice(0, 4)
    .flatMap(({ keep }, n) => keep.ownedBuckets.filter((bucket) => !before[n]!.has(bucket)))
  expect(moved).toEqual([])
  expect(running[4]!.keep.ownedBuckets.length).toBeLessThan(BUCKET_COUNT / 4)
  expect(running.flatMap(({ keep }) => keep.ownedBuckets)).toHaveLength(BUCKET_COUNT)
  expect(new Set(running.flatMap(({ keep }) => keep.ownedBuckets)).size).toBe(BUCKET_COUNT)
})

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!
}

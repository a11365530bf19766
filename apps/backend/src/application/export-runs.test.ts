import { openTestEngines, aRun } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { zipStream } from '../http/zip-stream.ts'
import { csvHeader, csvLine } from './csv-lines.ts'
import { ExportRuns } from './export-runs.ts'
import { ShowRuns } from './show-runs.ts'

let engines: ReturnType<typeof openTestEngines>

beforeEach(() => {
  engines = openTestEngines()
})
afterEach(() => engines.close())

const failure = { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'late' } as const

async function storeRuns(count: number, failsAt: (rep: number) => boolean = () => false): Promise<void> {
  const results = Array.from({ length: count }, (_, rep) => {
    const run = aRun({ rep, jobId: `o1:${rep}`, ...(failsAt(rep) && { outcome: failure }) })
    return { run, ...(run.outcome.kind === 'page' && { body: Buffer.from('page') }) }
  })
  await engines.results.store(results, 1)
}

test('a value that a spreadsheet would take for a formula stays a text, and quotes stay quotes', () => {
  const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '|cmd', '%0A=1']
  for (const detail of evil) {
    const line = csvLine(aRun({ outcome: { ...failure, detail } }))
    expect(line).toContain(`"'${detail}"`)
  }
  const quoted = csvLine(aRun({ outcome: { ...failure, detail: 'a "b", c\r\nd' } }))
  expect(quoted).toContain('"a ""b"", c\r\nd"')
  expect(csvHeader().split(',')).toHaveLength(csvLine(aRun({ outcome: failure })).split(',').length)
})

test('lines come for every run, and reading ends when nobody wants more', async () => {
  await storeRuns(250)
  let reads = 0
  const runsOf = engines.results.runsOf.bind(engines.results)
  engines.results.runsOf = (...args) => (reads++, runsOf(...args))
  const lines: string[] = []
  for await (const line of new ExportRuns(engines.results).jsonLines('o1')) lines.push(line)
  expect(lines.map((line) => (JSON.parse(line) as { rep: number }).rep)).toEqual(
    Array.from({ length: 250 }, (_, index) => 249 - index),
  )
  expect(lines[0]).not.toContain('miner')
  reads = 0
  for await (const line of new ExportRuns(engines.results).jsonLines('o1')) {
    expect(line).toContain('"rep":249')
    break
  }
  expect(reads).toBe(1)
})

test('an archive that nobody reads on takes no more from its source, and ends it when it is destroyed', async () => {
  let made = 0
  let ended = false
  async function* files() {
    try {
      for (;;)
        yield { name: `pages/${made++}.bin`, modifiedAt: 1_700_000_000_000, bytes: Buffer.alloc(1_000_000, made) }
    } finally {
      ended = true
    }
  }
  async function* manifest() {
    yield ''
  }
  const zip = zipStream({ files: files(), manifest: manifest(), manifestName: 'manifest.jsonl', at: new Date(0) })
  zip.read(0)
  await new Promise((resolve) => setTimeout(resolve, 300))
  const before = made
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(made).toBeLessThan(1000)
  expect(made - before).toBeLessThan(500)
  zip.destroy()
  await expect.poll(() => ended).toBe(true)
})

test('a timeline begins anywhere, filters by outcome and fault, and goes on where it stopped', async () => {
  await storeRuns(500, (rep) => rep % 100 === 7)
  const runs = new ShowRuns(engines.results)
  const first = await runs.timeline('o1', { limit: 300 })
  expect(first.items.map(({ rep }) => rep)).toEqual(Array.from({ length: 300 }, (_, index) => 499 - index))
  expect((await runs.timeline('o1', { after: Number(first.next), limit: 300 })).items[0]!.rep).toBe(199)
  expect((await runs.timeline('o1', { after: 42, limit: 2 })).items.map(({ rep }) => rep)).toEqual([41, 40])
  const failed = await runs.timeline('o1', { limit: 3, only: 'target' })
  expect(failed.items.map(({ rep }) => rep)).toEqual([407, 307, 207])
  const rest = await runs.timeline('o1', { limit: 3, only: 'target', after: Number(failed.next) })
  expect(rest).toMatchObject({ items: [{ rep: 107 }, { rep: 7 }] })
  expect(rest.next).toBeUndefined()
  expect((await runs.timeline('o1', { limit: 3, only: 'miner' })).items).toEqual([])
  expect((await runs.versions('o1', undefined)).items).toMatchObject([{ runs: 495, firstRep: 0, lastRep: 499 }])
})

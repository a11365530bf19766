import { ApiClient, AppProcess, waitUntil } from '@quarry/testkit'
import { join } from 'node:path'
import { cpuSeconds } from './process-figures.ts'
import { ManifestWatch, type SeenResult } from './watch-manifest.ts'

/** A marketplace that runs, empty, with `testEnv`. */
export interface Ground {
  readonly url: string
  /** For the clients' data and results; whoever started the ground removes it. */
  readonly folder: string
  /** Pages before anything is measured: a Cassandra that just started spends most of its time compiling itself. */
  readonly warmUpPages: number
  /** Whose CPU time is told apart; the clients are added. */
  readonly processes: readonly MeasuredProcess[]
}

export interface MeasuredProcess {
  readonly name: string
  readonly pid: number
}

export interface LoadFigures {
  readonly pagesPerSecond: number
  readonly durationMs: number
  readonly latenessMs: { readonly p50: number; readonly p99: number }
  /** Milliseconds of one core for each page of the full load, by process. */
  readonly cpuMsPerPage: Readonly<Record<string, number>>
}

interface Bench {
  readonly page: string
  readonly customer: ApiClient
  readonly miner: ApiClient
  readonly manifest: ManifestWatch
}

/** Orders placed for each load; their due times interleave. */
const ORDERS = 20
const HEAD_START_MS = 2_000
const WARM_UP_INTERVAL_MS = 20
const LATENESS_SECONDS = 15
const PATIENCE_MS = 300_000

/** Two mining-clients and a result-client, each a process, on a marketplace under a full load and then a tenth of it. */
export async function measureLoad(ground: Ground, load: { page: string; pages: number }): Promise<LoadFigures> {
  const { url, folder } = ground
  const out = join(folder, 'results')
  const customer = await ApiClient.signUp(url, 'customer')
  const miner = await ApiClient.signUp(url, 'miner')
  await customer.faucet(1_000_000)
  const mine = { QUARRY_TOKEN: await miner.token('mine') }
  const clients = [
    ...['a', 'b'].map((name) => new AppProcess('mining-client', mineArgs(url, join(folder, name)), { env: mine })),
    new AppProcess('result-client', ['pull', '--server', url, '--out', out], {
      env: { QUARRY_TOKEN: await customer.token('results:read') },
    }),
  ]
  const bench: Bench = { page: load.page, customer, miner, manifest: new ManifestWatch(join(out, 'manifest.jsonl')) }
  try {
    await runLoad(bench, { pages: ground.warmUpPages, intervalMs: WARM_UP_INTERVAL_MS })
    const cpu = new CpuByProcess([
      ...ground.processes,
      ...['mining-client a', 'mining-client b', 'result-client'].map((name, n) => ({ name, pid: clients[n]!.pid })),
    ])
    const startedAt = await runLoad(bench, { pages: load.pages, intervalMs: 1 })
    const durationMs = Date.now() - startedAt
    const cpuMsPerPage = cpu.msPer(load.pages)
    const pagesPerSecond = (load.pages / durationMs) * 1000
    const tenth = Math.max(1, Math.round(pagesPerSecond / 10))
    const calmFrom = await runLoad(bench, {
      pages: tenth * LATENESS_SECONDS,
      intervalMs: Math.round((ORDERS / tenth) * 1000),
    })
    return { pagesPerSecond, durationMs, latenessMs: lateness(bench.manifest.results(), calmFrom), cpuMsPerPage }
  } finally {
    bench.manifest.stop()
    for (const client of clients) await client.kill()
  }
}

/** CPU time of processes from now on. */
class CpuByProcess {
  readonly #from: readonly (MeasuredProcess & { readonly seconds: number })[]

  constructor(processes: readonly MeasuredProcess[]) {
    this.#from = processes.map((one) => ({ ...one, seconds: cpuSeconds(one.pid) }))
  }

  /** Most first. */
  msPer(pages: number): Record<string, number> {
    const each = this.#from.map(({ name, pid, seconds }): [string, number] => {
      const ms = ((cpuSeconds(pid) - seconds) * 1000) / pages
      return [name, Math.round(ms * 1000) / 1000]
    })
    return Object.fromEntries(each.sort(([, a], [, b]) => b - a))
  }
}

function mineArgs(url: string, data: string): string[] {
  return ['mine', '--server', url, '--data', data, '--concurrency', '64', '--allow-address', '127.0.0.1/32']
}

/** Places orders whose repetitions fall due from one moment on; returns that moment when every file is there and paid. */
async function runLoad(
  { page, customer, miner, manifest }: Bench,
  load: { pages: number; intervalMs: number },
): Promise<number> {
  const linesBefore = manifest.lines
  const coinsBefore = await miner.balance()
  const startAt = Date.now() + HEAD_START_MS
  const repetitions = Math.ceil(load.pages / ORDERS)
  for (let order = 0; order < ORDERS; order++) {
    const offset = Math.floor((order * load.intervalMs) / ORDERS)
    await customer.place({
      url: page,
      repetitions,
      catchUp: 'all',
      schedule: { kind: 'interval', startAt: startAt + offset, intervalMs: load.intervalMs },
    })
  }
  const all = repetitions * ORDERS
  await waitUntil('every file is written', () => manifest.lines - linesBefore >= all, PATIENCE_MS)
  await waitUntil('every page is paid', async () => (await miner.balance()) - coinsBefore >= all, PATIENCE_MS)
  return startAt
}

/** From due to durable file, less the page's own fetch. */
function lateness(seen: readonly SeenResult[], since: number): { p50: number; p99: number } {
  const late = seen
    .filter(({ run }) => run.dueAt >= since)
    .map(({ run, seenAt }) => seenAt - run.dueAt - (run.outcome.kind === 'page' ? run.outcome.timings.totalMs : 0))
    .sort((a, b) => a - b)
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99) }
}

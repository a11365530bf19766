import { exitCodes, ExitError, Output, Settings, signedIn, wordsOf, type CliIo } from '@quarry/cli-kit'
import type { Clock, Random } from '@quarry/domain'
import { createFetcher, type Fetcher, type Lookup } from '@quarry/scrape'
import { lookup } from 'node:dns/promises'
import { fetchPage } from '../application/fetch-page.ts'
import type { HostFilter } from '../application/host-filter.ts'
import { Miner } from '../application/miner.ts'
import { DataFolder } from '../data/data-folder.ts'
import { MiningSocket } from '../socket/mining-socket.ts'
import { disclosure } from '../terminal/disclosure.ts'
import { MiningReport } from '../terminal/mining-report.ts'
import { mineOptions, type MineFlags, type MineOptions } from './mine-options.ts'
import { Session } from './session.ts'

const MANY_AT_ONCE = 20
/** The longest fetch and an answer: who has not finished by then never will. */
const DRAIN_MS = 45_000

export interface MineContext {
  readonly io: CliIo
  readonly clock: Clock
  readonly random: Random
  readonly version: string
}

/** `mining-client mine`. Throws `ExitError` with the exit code that fits. */
export async function mine(flags: MineFlags, context: MineContext): Promise<void> {
  const { io, clock } = context
  const options = mineOptions(flags, Settings.read(io.env), io)
  const tokens = signedIn({ program: 'mining-client', scope: 'mine', server: options.server, io, clock })
  const folder = new DataFolder(options.data)
  const release = folder.lock()
  const fetcher = createFetcher({
    allow: options.addresses,
    ...(options.hosts.excludesAnything ? { lookup: filteredLookup(options.hosts) } : {}),
  })
  try {
    await run({ ...context, options, tokens, folder, fetcher })
  } finally {
    await fetcher.close()
    release()
  }
}

interface RunContext extends MineContext {
  readonly options: MineOptions
  readonly tokens: ReturnType<typeof signedIn>
  readonly folder: DataFolder
  readonly fetcher: Fetcher
}

async function run(context: RunContext): Promise<void> {
  const { io, clock, options, folder, fetcher } = context
  const { server, maxPages } = options
  const concurrency = Math.min(options.concurrency, maxPages ?? options.concurrency)
  const output = new Output(io, clock, options)
  const device = folder.deviceId()
  if (device.isNew) output.note(disclosure)
  if (options.concurrency > MANY_AT_ONCE)
    output.note(`${options.concurrency} jobs at once need a fast line; ${MANY_AT_ONCE} is plenty for most homes.`)
  const report = new MiningReport(output, clock)
  const socket: MiningSocket = new MiningSocket({
    ...context,
    server,
    concurrency,
    deviceId: device.id,
    name: options.name,
    onUp: () => report.connected(server),
    onDown: (error, retryInMs) => report.disconnected(error, retryInMs),
    onEarned: (coins) => report.earned(coins),
    onNote: (text) => report.note(text),
  })
  const stop = new AbortController()
  const session = new Session({ folder, report, socket, clock }, { server, deviceId: device.id })
  const miner = new Miner(
    {
      wire: socket,
      clock,
      soon: (action) => setImmediate(action),
      work: fetchPage({ fetcher, hosts: options.hosts, clock, stop: stop.signal }),
    },
    {
      ended: (finished, ending) => session.ended(finished, ending),
      broke: (assignment, error) => report.note(`${assignment.jobId} went back to the server: ${wordsOf(error)}`),
    },
    { concurrency, ...(maxPages === undefined ? {} : { maxPages }) },
  )
  session.begin(miner)
  report.start(miner)
  socket.start(miner)
  try {
    await Promise.race([socket.ended, untilDrained({ io, clock, miner, report, maxPages })])
  } finally {
    stop.abort(new Error('stopped'))
    socket.close()
    session.end()
    report.end(miner)
  }
}

/** Resolves when a signal (or the wanted number of pages) came and everything in hand is done and judged. */
async function untilDrained(context: {
  io: CliIo
  clock: Clock
  miner: Miner
  report: MiningReport
  maxPages: number | undefined
}): Promise<void> {
  const { io, clock, miner, report, maxPages } = context
  const asked = Promise.withResolvers<void>()
  let stopping = false
  io.onStop((signal) => {
    if (stopping && signal.startsWith('SIG')) io.exitNow(exitCodes.interrupted)
    if (!stopping) report.draining(miner.inHand)
    stopping = true
    asked.resolve()
  })
  if (maxPages !== undefined) void miner.limitReached.then(asked.resolve)
  await asked.promise
  await new Promise<void>((resolve) => {
    const cancel = clock.after(DRAIN_MS, resolve)
    void miner.drain().then(() => {
      cancel()
      resolve()
    })
  })
  if (miner.inHand + miner.waiting === 0) return
  const left = `${miner.inHand} jobs and ${miner.waiting} results could not be finished; other miners will do them.`
  throw new ExitError(exitCodes.retryable, 'not_drained', left)
}

/** Also a redirect leads to no host that the owner excludes. */
function filteredLookup(hosts: HostFilter): Lookup {
  return async (hostname) => {
    if (hosts.admits(hostname)) return lookup(hostname, { all: true })
    throw Object.assign(new Error('excluded by the owner of the miner'), { code: 'ENOTFOUND' })
  }
}

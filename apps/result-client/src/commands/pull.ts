import { exitCodes, Output, Settings, signedIn, type CliIo } from '@quarry/cli-kit'
import type { Clock, Random } from '@quarry/domain'
import { PullResults } from '../application/pull-results.ts'
import type { StagedResult } from '../application/result-store.ts'
import { ResultFolder } from '../folder/result-folder.ts'
import { PullSocket } from '../socket/pull-socket.ts'
import { PullReport } from '../terminal/pull-report.ts'
import { pullOptions, type PullFlags, type PullOptions } from './pull-options.ts'

/** Results under way to us or waiting for their commit; two batches of 60 ms at over 4,000 results a second. */
const WINDOW = 512
/** `--once` is for scripts: it does not wait for a server for ever. */
const ONCE_GIVES_UP_AFTER_MS = 60_000

export interface PullContext {
  readonly io: CliIo
  readonly clock: Clock
  readonly random: Random
  readonly version: string
}

/** `result-client pull`. Throws `ExitError` with the exit code that fits. */
export async function pull(flags: PullFlags, context: PullContext): Promise<void> {
  const { io, clock } = context
  const options = pullOptions(flags, Settings.read(io.env), clock.now())
  const tokens = signedIn({ program: 'result-client', scope: 'results:read', server: options.server, io, clock })
  const folder = await ResultFolder.open({ path: options.out, server: options.server, selection: options.selection })
  try {
    await run(folder, { ...context, options, tokens })
  } finally {
    folder.close()
  }
}

async function run(
  folder: ResultFolder,
  context: PullContext & { options: PullOptions; tokens: ReturnType<typeof signedIn> },
): Promise<void> {
  const { io, clock, options } = context
  const report = new PullReport(new Output(io, clock, options), clock, folder.path)
  const end = Promise.withResolvers<void>()
  const socket = new PullSocket(
    {
      ...context,
      ...selected(options),
      server: options.server,
      window: WINDOW,
      onUp: () => report.connected(options.server),
      onDown: (error, retryInMs) => report.disconnected(error, retryInMs),
    },
    folder,
  )
  const results = new PullResults<StagedResult>(
    { store: folder, clock, link: socket },
    {
      stored: (batch) => report.batch(batch),
      damaged: (damagedRun, problem, givenUp) => report.damaged(damagedRun, problem, givenUp),
      failed: (error) => end.reject(error),
      caughtUp: () => {
        report.caughtUp()
        if (options.once) end.resolve()
      },
    },
    { minFreeBytes: options.minFreeBytes, window: WINDOW },
  )
  stopOnSignals(io, end)
  socket.ended.then(end.resolve, end.reject)
  report.start()
  socket.start(results)
  try {
    await end.promise
  } finally {
    results.end()
    await results.settle()
    socket.close()
    report.end()
  }
}

function selected(options: PullOptions): { orderId?: string; since?: number; giveUpAfterMs?: number } {
  return {
    ...(options.orderId === undefined ? {} : { orderId: options.orderId }),
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.once ? { giveUpAfterMs: ONCE_GIVES_UP_AFTER_MS } : {}),
  }
}

/** The first signal finishes what is in hand, the second ends at once. */
function stopOnSignals(io: CliIo, end: PromiseWithResolvers<void>): void {
  let stopping = false
  io.onStop((signal) => {
    if (stopping && signal.startsWith('SIG')) io.exitNow(exitCodes.interrupted)
    stopping = true
    end.resolve()
  })
}

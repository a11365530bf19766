import { Output, printable, Settings, type CliIo } from '@quarry/cli-kit'
import type { Clock } from '@quarry/domain'
import { DataFolder } from '../data/data-folder.ts'
import { readHistory, type HistoryLine } from '../data/history-log.ts'
import { readSession, type SessionState } from '../data/session-file.ts'
import { dataPath } from './mine-options.ts'

export interface LookFlags {
  readonly data?: string
  readonly json?: boolean
  readonly limit?: string
}

interface LookContext {
  readonly io: CliIo
  readonly clock: Clock
}

/** A running miner writes its state every second; silence for longer means that it is gone. */
const SILENT_MS = 5_000

/** `mining-client status`: what the miner of this data folder does, or last did. */
export function status(flags: LookFlags, { io, clock }: LookContext): void {
  const output = new Output(io, clock, { json: flags.json === true })
  const path = dataPath(flags.data, Settings.read(io.env), io)
  const session = readSession(new DataFolder(path))
  if (!session) return output.event('status', { running: false, data: path }, `No mining yet in ${path}.`)
  const running = session.state !== 'ended' && clock.now() - session.updatedAt < SILENT_MS && isRunning(session.pid)
  output.event('status', { running, data: path, ...session }, sentences(session, running).join('\n'))
}

/** `mining-client history`: the URLs fetched, oldest first. */
export function history(flags: LookFlags, { io, clock }: LookContext): void {
  const settings = Settings.read(io.env)
  const limit = settings.wholeNumber(flags.limit, { name: '--limit', min: 1, max: 1_000_000, fallback: 50 })
  const output = new Output(io, clock, { json: flags.json === true })
  const path = dataPath(flags.data, settings, io)
  const lines = readHistory(path, limit)
  if (lines.length === 0 && !output.json) return output.note(`Nothing was fetched yet, says ${path}.`)
  output.raw(lines.map((line) => `${output.json ? JSON.stringify(line) : historySentence(line)}\n`).join(''))
}

function sentences(session: SessionState, running: boolean): string[] {
  const { pages, failures, coins, bytes, total } = session
  return [
    running ? `running (process ${session.pid}): ${printable(session.state)}` : 'not running',
    `server  ${session.server}, device ${session.deviceId}`,
    `${running ? 'this' : 'last'} session  ${pages} pages, ${failures} failures, ${coins} coins, ${megabytes(bytes)} MB`,
    `in all  ${total.pages} pages, ${total.coins} coins, ${megabytes(total.bytes)} MB`,
  ]
}

function historySentence(line: HistoryLine): string {
  const what = [line.status, line.failure].filter((part) => part !== undefined).join(' ')
  const coins = line.coins === undefined ? '' : `${line.coins} coins  `
  const verdict = line.verdict === 'accepted' ? '' : ` (${line.verdict})`
  return `${line.at}  ${what}  ${line.bytes} bytes  ${line.tookMs ?? 0} ms  ${coins}${printable(line.url)}${verdict}`
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

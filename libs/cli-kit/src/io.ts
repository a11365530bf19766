import { openBrowser } from './open-browser.ts'

/** Takes text; the process's own streams, or a test's. */
export interface TextSink {
  write(text: string): void
  readonly isTty: boolean
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'EPIPE' | 'disconnect'

/** Everything a command may touch of the process it runs in. */
export interface CliIo {
  readonly stdout: TextSink
  readonly stderr: TextSink
  readonly stdinIsTty: boolean
  /** All of standard input as text, without the line break at its end; refuses to read more than 64 KiB. */
  readStdin(): Promise<string>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Width of the terminal in characters. */
  columns(): number
  /**
   * Calls the listener at every signal to stop, and once when nobody reads standard output any more (`EPIPE`) or the
   * program that started this one with a channel is gone (`disconnect`).
   */
  onStop(listener: (signal: StopSignal) => void): void
  /** Shows an address in the person's browser; false where there is none to be expected. */
  openBrowser(url: string): boolean
  /** Ends the process at this moment. */
  exitNow(exitCode: number): void
}

const MAX_STDIN_BYTES = 64 * 1024

/** The real process. A reader of our output that goes away is told to `onStop` listeners instead of crashing us. */
export function processIo(): CliIo {
  const listeners = new Set<(signal: StopSignal) => void>()
  const tell = (signal: StopSignal) => listeners.forEach((listener) => listener(signal))
  const sink = (stream: NodeJS.WriteStream, onBroken: () => void): TextSink => {
    let broken = false
    stream.on('error', () => {
      if (!broken) onBroken()
      broken = true
    })
    return {
      isTty: stream.isTTY,
      write(text) {
        if (!broken) stream.write(text)
      },
    }
  }
  return {
    stdout: sink(process.stdout, () => tell('EPIPE')),
    stderr: sink(process.stderr, () => undefined),
    stdinIsTty: process.stdin.isTTY,
    readStdin,
    env: process.env,
    columns: () => process.stdout.columns || 80,
    onStop(listener) {
      if (listeners.size === 0) {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => tell(signal))
        watchParent(() => tell('disconnect'))
      }
      listeners.add(listener)
    },
    openBrowser: (url) => openBrowser(url, process.env),
    exitNow: (exitCode) => process.exit(exitCode),
  }
}

/** The channel alone does not keep the process running. */
function watchParent(onGone: () => void): void {
  if (!process.channel) return
  process.once('disconnect', onGone)
  process.channel.unref()
}

async function readStdin(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const part of process.stdin) {
    text += String(part)
    if (text.length > MAX_STDIN_BYTES) throw new Error('standard input is too long')
  }
  return text.replace(/\r?\n$/, '')
}

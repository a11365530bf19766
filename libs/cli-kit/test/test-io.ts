import type { CliIo, StopSignal } from '../src/io.ts'

/** A process in memory, for tests. */
export interface TestIo extends CliIo {
  readonly opened: string[]
  readonly written: { stdout: string; stderr: string }
  signal(signal: StopSignal): void
}

export function testIo(options: { env?: Record<string, string>; tty?: boolean; stdin?: string } = {}): TestIo {
  const written = { stdout: '', stderr: '' }
  const listeners: ((signal: StopSignal) => void)[] = []
  const opened: string[] = []
  return {
    written,
    opened,
    openBrowser: (url) => opened.push(url) > 0,
    stdout: { isTty: options.tty === true, write: (text) => (written.stdout += text) },
    stderr: { isTty: options.tty === true, write: (text) => (written.stderr += text) },
    stdinIsTty: options.tty === true && options.stdin === undefined,
    readStdin: async () => options.stdin ?? '',
    env: options.env ?? {},
    columns: () => 40,
    onStop: (listener) => listeners.push(listener),
    exitNow: () => undefined,
    signal: (signal) => listeners.forEach((listener) => listener(signal)),
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../src/main.ts')

export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'mining-client-'))
}

export interface Client {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>
}

const started = new Set<ChildProcess>()

/** Ends what a failed test left running. */
export function killAll(): void {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
}

/** A real process of the program. */
export function client(
  args: string[],
  more: { env?: Record<string, string>; stdin?: string; channel?: boolean } = {},
): Client {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], QUARRY_CONFIG_DIR: scratch(), QUARRY_TOKEN: 'good-token', ...more.env },
    stdio: more.channel ? ['pipe', 'pipe', 'pipe', 'ipc'] : 'pipe',
  })
  started.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data) => (stdout += String(data)))
  child.stderr?.on('data', (data) => (stderr += String(data)))
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(more.stdin ?? '')
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return { child, ended }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

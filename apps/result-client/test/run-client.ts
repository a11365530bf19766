import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ManifestLine } from '../src/folder/manifest.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'result-client-'))
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
export function client(args: string[], more: { env?: Record<string, string>; stdin?: string } = {}): Client {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], QUARRY_CONFIG_DIR: scratch(), QUARRY_TOKEN: 'good-token', ...more.env },
    stdio: 'pipe',
  })
  started.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  child.stderr.on('data', (data) => (stderr += String(data)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(more.stdin ?? '')
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return { child, ended }
}

export function manifest(out: string): ManifestLine[] {
  const text = readFileSync(join(out, 'manifest.jsonl'), 'utf8')
  if (!text.endsWith('\n') && text !== '') throw new Error('torn manifest')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ManifestLine)
}

export function filesOf(folder: string): string[] {
  return readdirSync(folder).sort()
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Running Maven and Go, which fetch and build engines. */
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'

const progressMs = 30_000

/**
 * Runs a program to its end at the given niceness, with a line of progress now and then. Rejects with the last lines of
 * what it said when it fails.
 *
 * @param {{ command: string, args: string[], cwd?: string, env?: object, niceness?: number, doing: string, onLine: (line: string) => void }} what
 */
export async function runTool({ command, args, cwd, env, niceness = 0, doing, onLine }) {
  const started = performance.now()
  const seconds = () => Math.round((performance.now() - started) / 1000)
  const ticker = setInterval(() => onLine(`  still ${doing}, ${seconds()} s so far`), progressMs)
  try {
    const { code, output } = await collect(command, args, { cwd, env: { ...process.env, ...env }, niceness })
    if (code !== 0) throw new Error(`${command} failed (exit code ${code}):\n${lastLines(output, 15)}`)
    return seconds()
  } finally {
    clearInterval(ticker)
  }
}

function collect(command, args, { cwd, env, niceness }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('spawn', () => setPriority(child.pid, niceness))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** The last lines of a text, indented, for a message. */
export function lastLines(text, count) {
  return text
    .trim()
    .split('\n')
    .slice(-count)
    .map((line) => `  ${line}`)
    .join('\n')
}

/**
 * `npm run check`: everything that reads the code without running it. Runs every step even when one fails, shows what
 * the failing ones said, and closes with a table. CI runs exactly this before the tests.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const cruised = ['apps', 'libs', 'e2e', 'bench', 'simulation', 'tools']

/** The project graph comes first: without it ESLint skips the boundary rule and says nothing. */
const steps = [
  { name: 'project graph', command: ['nx', 'show', 'projects'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['eslint', '.', '--max-warnings', '0'], refusedBy: /No cached ProjectGraph/ },
  { name: 'boundaries', command: ['depcruise', ...cruised, '--config', '.dependency-cruiser.mjs'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'unused code', command: ['knip', '--no-progress', '--no-config-hints'] },
]

/** Runs a step to its end. A step may succeed by its exit code and still be refused for what it printed. */
function run({ name, command: [tool, ...args], refusedBy }) {
  const started = performance.now()
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules', '.bin', tool), args, {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (chunk) => (output += chunk)
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error) => resolve({ name, ok: false, output: error.message, seconds: 0 }))
    child.on('close', (code) => {
      const ok = code === 0 && !refusedBy?.test(output)
      resolve({ name, ok, output: output.trim(), seconds: (performance.now() - started) / 1000 })
    })
  })
}

const graph = await run(steps[0])
// Two at a time: the machine may have no more than two cores, and lint alone takes as long as the rest.
const [, types, lint, ...others] = steps
const inTurn = async (list) => {
  const done = []
  for (const step of list) done.push(await run(step))
  return done
}
const [linted, rest] = await Promise.all([run(lint), inTurn([types, ...others])])
const results = [graph, rest[0], linted, ...rest.slice(1)]

for (const { name, ok, output } of results) {
  if (!ok)
    console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 76 - name.length))}\n${output || '(it failed without a word)'}`)
}
console.log('')
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s`)
}
process.exitCode = results.every((result) => result.ok) ? 0 : 1

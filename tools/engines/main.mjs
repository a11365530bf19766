/**
 * The engines as a command. Their addresses go to standard output as lines of an environment, all else to standard error.
 *
 *   up [--only redis,rabbitmq] [--folder DIR] [--keep] [--heap 1g]
 *        starts them and stays until Ctrl-C; with --keep it ends and they stay
 *   down --folder DIR     stops those that were started there and run still
 *   prepare [--only …]    fetches and builds what they need
 *   backup --folder DIR --to NEW       copies what they have stored, while they run
 *   restore --folder DIR --from COPY   puts it into a folder without data, ready for services
 */
import { parseArgs } from 'node:util'
import { backUp, restore } from './backup.mjs'
import { engineNames, prepareEngines, startEngines } from './start.mjs'
import { stopKept } from './record.mjs'

const commands = { up, down, prepare, backup, restore: restoreFrom }
const options = {
  only: { type: 'string' },
  folder: { type: 'string' },
  keep: { type: 'boolean', default: false },
  heap: { type: 'string' },
  to: { type: 'string' },
  from: { type: 'string' },
}

async function up({ only, folder, keep, heap }) {
  const engines = chosen(only)
  const running = await startEngines({ engines, folder, keep, options: { cassandra: { heap } }, onLine: say })
  // Before the addresses: whoever reads them may end this process the next moment.
  const told = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve)
  })
  for (const [name, value] of Object.entries(running.env)) process.stdout.write(`${name}=${value}\n`)
  if (keep) return
  say('Ctrl-C stops them.')
  await told
  await running.stop()
}

async function down({ folder }) {
  if (!folder) throw new Error('down needs --folder, the one they were started in.')
  const stopped = await stopKept(folder)
  say(stopped.length > 0 ? `Stopped ${stopped.join(', ')}.` : 'Nothing runs there.')
}

async function prepare({ only }) {
  const { prepared, missing } = await prepareEngines({ engines: chosen(only), onLine: say })
  for (const name of Object.keys(prepared)) say(`${name.padEnd(9)} ready to start`)
  for (const [name, reason] of Object.entries(missing)) say(`${name.padEnd(9)} MISSING: ${reason}`)
  if (Object.keys(missing).length > 0) process.exitCode = 1
}

async function backup({ folder, to }) {
  if (!folder || !to)
    throw new Error('backup needs --folder, the one the engines were started in, and --to, a new one.')
  const { stoodStillMs, sizeBytes } = await backUp(folder, to)
  say(`The engines stood still for ${Math.ceil(stoodStillMs)} ms. ${to} has ${(sizeBytes / 2 ** 20).toFixed(1)} MiB.`)
  say('It has no secrets: keep those too, and elsewhere.')
}

async function restoreFrom({ folder, from, heap }) {
  if (!folder || !from) throw new Error('restore needs --folder, where the engines are to start, and --from, the copy.')
  await restore(folder, from, { heap, onLine: say })
  say(`Ready: start the marketplace with the secrets that belong to it.`)
}

function chosen(only) {
  return only === undefined ? engineNames : only.split(',')
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const command = commands[positionals[0]]
  if (!command || positionals.length > 1) throw new Error(`Say one of: ${Object.keys(commands).join(', ')}.`)
  await command(values)
} catch (error) {
  say(error.message)
  process.exitCode = 1
}

import { Command, InvalidArgumentError } from 'commander'

/** What `npm start` was asked for. */
export interface StandaloneOptions {
  /** Undefined: 8080, or the next free one. */
  readonly port: number | undefined
  readonly host: string
  readonly dataDir: string
  readonly resultsDir: string
  readonly miner: boolean
  readonly receiver: boolean
  readonly services: readonly string[] | undefined
}

export const serviceNames = [
  'auth',
  'backend',
  'coin',
  'scheduler-manager',
  'scheduler',
  'mining-server',
  'result-server',
  'web',
] as const

/** Reads the command line. Ends the process with code 2 and a sentence when it makes no sense. */
export function parseOptions(argv: readonly string[]): StandaloneOptions {
  const command = new Command('npm start --')
    .description('Runs the whole marketplace in one process on SQLite, with a miner and a result-client of its own.')
    .option('--port <number>', 'port to listen on (default: 8080, or the next free one)', portNumber)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <folder>', 'database, keys and tokens', './data')
    .option('--results <folder>', 'where the built-in result-client writes', './results')
    .option('--no-miner', 'do not run the built-in miner')
    .option('--no-result-client', 'do not run the built-in result-client')
    .option(
      '--service <names>',
      `run only these services, separated by commas: ${serviceNames.join(', ')}`,
      serviceList,
    )
    .addHelpText(
      'after',
      `
Examples:
  npm start                                       everything on http://localhost:8080
  npm start -- --port 9000 --data /srv/quarry     another port, another folder
  npm start -- --no-miner --no-result-client      only the services and the site
  npm run demo                                    watch it work against a small site of its own

Environment: QUARRY_FAUCET=false, QUARRY_MIN_INTERVAL_MS, QUARRY_ALLOW_ADDRESSES and more: docs/configuration.md`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse([...argv], { from: 'user' })
  const flags = command.opts<{
    port?: number
    host: string
    data: string
    results: string
    miner: boolean
    resultClient: boolean
    service?: string[]
  }>()
  return {
    port: flags.port,
    host: flags.host,
    dataDir: flags.data,
    resultsDir: flags.results,
    miner: flags.miner && flags.service === undefined,
    receiver: flags.resultClient && flags.service === undefined,
    services: flags.service,
  }
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError('allowed are 0 to 65535.')
  return port
}

function serviceList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !(serviceNames as readonly string[]).includes(name))
  if (unknown.length > 0)
    throw new InvalidArgumentError(`unknown: ${unknown.join(', ')}; known are ${serviceNames.join(', ')}.`)
  return names
}

import { ConfigError } from '@quarry/service-kit'
import { join, resolve } from 'node:path'
import { ClientProcess } from './built-in-clients.ts'
import { startMarketplace } from './marketplace.ts'
import { parseOptions, type StandaloneOptions } from './options.ts'
import { ownerAccount, type OwnerAccount } from './owner-account.ts'

/** Signals this close together are one. */
const SAME_WISH_MS = 500

const print = (line: string) => void process.stdout.write(`${line}\n`)

/** The processes that work for the owner: a miner and a result-client, unless switched off. */
function builtInClients(options: StandaloneOptions, url: string, { tokens }: OwnerAccount): ClientProcess[] {
  const allowed = (process.env.QUARRY_ALLOW_ADDRESSES ?? '').split(',').filter(Boolean)
  const miner = new ClientProcess(
    {
      name: 'miner',
      entry: 'mining-client',
      // The operator of this process is the miner's owner too, so one consent covers both sides.
      args: [
        'mine',
        '--server',
        url,
        '--data',
        join(resolve(options.dataDir), 'miner'),
        ...allowed.flatMap((cidr) => ['--allow-address', cidr]),
      ],
      env: { QUARRY_TOKEN: tokens.mine },
    },
    print,
  )
  const receiver = new ClientProcess(
    {
      name: 'results',
      entry: 'result-client',
      args: ['pull', '--server', url, '--out', resolve(options.resultsDir)],
      env: { QUARRY_TOKEN: tokens.receive },
    },
    print,
  )
  return [...(options.miner ? [miner] : []), ...(options.receiver ? [receiver] : [])]
}

function greet(url: string, options: StandaloneOptions, owner: OwnerAccount): void {
  const place = url.replace('127.0.0.1', 'localhost')
  print(`\nQuarry runs at ${place}`)
  if (owner.password !== undefined) {
    print(`  sign in as    ${owner.email}`)
    print(`  password      ${owner.password}   (shown this once)`)
  }
  print(`  API           ${place}/api/docs`)
  print(`  data          ${resolve(options.dataDir)}`)
  if (options.receiver) print(`  results       ${resolve(options.resultsDir)}`)
  print(`  miner         ${options.miner ? 'built in, fetches public addresses only' : 'none built in'}`)
  print('Stop with Ctrl-C.\n')
}

async function run(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const marketplace = await startMarketplace(options, process.env)
  const clients: ClientProcess[] = []
  let stoppingSince: number | undefined
  const stop = async () => {
    // npm passes Ctrl-C on to us although the terminal has sent it already: that is one wish, not two.
    if (stoppingSince !== undefined && Date.now() - stoppingSince < SAME_WISH_MS) return
    if (stoppingSince !== undefined) process.exit(130)
    stoppingSince = Date.now()
    print('Draining; once more Ctrl-C stops at once.')
    for (const client of clients) await client.stop()
    await marketplace.stop()
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
  if (options.services !== undefined) return print(`Running ${options.services.join(', ')} at ${marketplace.url}`)
  const owner = await ownerAccount(marketplace.url, options.dataDir)
  clients.push(...builtInClients(options, marketplace.url, owner))
  for (const client of clients) client.start()
  greet(marketplace.url, options, owner)
}

run().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exit(error instanceof ConfigError ? 2 : 1)
})

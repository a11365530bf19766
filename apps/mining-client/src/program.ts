import { addSignInCommands, type CliIo } from '@quarry/cli-kit'
import type { Clock, Random } from '@quarry/domain'
import { Command } from 'commander'
import { history, status, type LookFlags } from './commands/look.ts'
import { mine } from './commands/mine.ts'
import type { MineFlags } from './commands/mine-options.ts'

const VERSION = '0.1.0'

const MINE_EXAMPLES = `
Examples:
  $ mining-client mine                              three pages at a time, until Ctrl-C
  $ mining-client mine --concurrency 10 --deny ads.example --deny '*.tracker.example'
  $ mining-client mine --json | jq -r 'select(.event == "job") | .url'
  $ mining-client mine --allow-address 127.0.0.0/8  also pages on this very machine (for a local trial)

Ctrl-C finishes the jobs in hand and waits for the server's word on them; a second one stops at once.
Settings: flags, then QUARRY_SERVER, QUARRY_TOKEN, QUARRY_NAME, QUARRY_CONCURRENCY, QUARRY_ALLOW_ADDRESS,
QUARRY_ALLOW, QUARRY_DENY, QUARRY_DATA_DIR, then config.json in the configuration folder (QUARRY_CONFIG_DIR).

Exit codes: 0 done; 1 failed; 2 wrong call; 4 not signed in; 5 may work later; 7 cannot work here;
130 stopped by a second Ctrl-C.`

const STATUS_EXAMPLES = `
Examples:
  $ mining-client status
  $ mining-client status --json | jq .total.coins`

const HISTORY_EXAMPLES = `
Examples:
  $ mining-client history --limit 20
  $ mining-client history --json --limit 100000 | jq -r .url | sort | uniq -c`

/** The commands of `mining-client`; what they touch is passed in. */
export function miningClient(context: { io: CliIo; clock: Clock; random: Random }): Command {
  const program = new Command('mining-client')
    .description('Fetches web pages for Quarry and earns coins.')
    .version(VERSION)
    .addHelpText('after', MINE_EXAMPLES)
  addSignInCommands(program, { ...context, scope: 'mine', work: 'mine' })
  program
    .command('mine')
    .description('take jobs, fetch pages, earn coins')
    .option('--server <url>', 'the Quarry server (QUARRY_SERVER; default http://localhost:8080)')
    .option('--name <name>', 'what your devices page calls this machine (QUARRY_NAME; default: the host name)')
    .option('--concurrency <n>', 'pages at a time, 1 to 512 (QUARRY_CONCURRENCY; default 3)')
    .option(
      '--allow-address <cidr>',
      'fetch from these addresses although they are not public; repeatable',
      collect,
      [],
    )
    .option('--allow <host>', 'fetch from these hosts only; repeatable', collect, [])
    .option('--deny <host>', 'never fetch from these hosts; repeatable', collect, [])
    .option('--max-pages <n>', 'end after so many jobs')
    .option('--once', 'end after one job')
    .option('--data <folder>', 'where device id, status and history are kept (QUARRY_DATA_DIR)')
    .option('--json', 'NDJSON on standard output, one line per event')
    .addHelpText('after', MINE_EXAMPLES)
    .action((flags: MineFlags) => mine(flags, { ...context, version: VERSION }))
  program
    .command('status')
    .description('what the miner on this machine does, or last did')
    .option('--data <folder>', 'the data folder (QUARRY_DATA_DIR)')
    .option('--json', 'one JSON line')
    .addHelpText('after', STATUS_EXAMPLES)
    .action((flags: LookFlags) => status(flags, context))
  program
    .command('history')
    .description('every URL that this machine fetched, newest last')
    .option('--limit <n>', 'so many lines at most (default 50)')
    .option('--data <folder>', 'the data folder (QUARRY_DATA_DIR)')
    .option('--json', 'NDJSON, one line per URL')
    .addHelpText('after', HISTORY_EXAMPLES)
    .action((flags: LookFlags) => history(flags, context))
  return program
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

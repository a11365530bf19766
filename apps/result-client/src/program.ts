import { addSignInCommands, type CliIo } from '@quarry/cli-kit'
import type { Clock, Random } from '@quarry/domain'
import { Command } from 'commander'
import { pull } from './commands/pull.ts'
import type { PullFlags } from './commands/pull-options.ts'

const VERSION = '0.1.0'

const ABOUT_EXITS = `
Exit codes: 0 done; 1 failed; 2 wrong call; 4 not signed in; 5 may work later; 7 cannot work here;
8 no room left; 130 stopped by a second Ctrl-C.`

const PULL_EXAMPLES = `
Examples:
  $ result-client pull                            everything, into ./results, and on as results come
  $ result-client pull --once --out /data/quarry  what is there now, then end (for cron)
  $ result-client pull --order ord_7f3 --since 24h
  $ result-client pull --json | jq -r 'select(.event == "result") | .file'

Each result is a body file, a metadata file beside it, and a line in manifest.jsonl; what has a line is
safe on disk. Start it again at any time: it goes on after the last line.
Settings: flags, then QUARRY_SERVER, QUARRY_TOKEN, QUARRY_OUT, QUARRY_MIN_FREE, then config.json in the
configuration folder (QUARRY_CONFIG_DIR).
${ABOUT_EXITS}`

/** The commands of `result-client`; what they touch is passed in. */
export function resultClient(context: { io: CliIo; clock: Clock; random: Random }): Command {
  const program = new Command('result-client')
    .description('Brings the results of your Quarry orders to a folder, safely and in order.')
    .version(VERSION)
    .addHelpText('after', PULL_EXAMPLES)
  addSignInCommands(program, { ...context, scope: 'results:read', work: 'pull' })
  program
    .command('pull')
    .description('fetch results and go on as they come')
    .option('--server <url>', 'the Quarry server (QUARRY_SERVER; default http://localhost:8080)')
    .option('--out <folder>', 'where the files go (QUARRY_OUT; default ./results)')
    .option('--order <id>', 'only the results of this order')
    .option('--since <time>', 'only results since then: 2026-11-21T08:00:00Z, or a span such as 24h')
    .option('--once', 'end as soon as everything that is there now is stored')
    .option('--min-free <bytes>', 'stop when less than this would be left on the disk (QUARRY_MIN_FREE; default 100M)')
    .option('--json', 'NDJSON on standard output, one line per event')
    .addHelpText('after', PULL_EXAMPLES)
    .action((flags: PullFlags) => pull(flags, { ...context, version: VERSION }))
  return program
}

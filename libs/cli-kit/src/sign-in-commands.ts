import type { Scope } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import type { Command } from 'commander'
import type { CliIo } from './io.ts'
import { Output } from './output.ts'
import { Settings } from './settings.ts'
import { logIn, logOut } from './sign-in.ts'

interface LogOutFlags {
  readonly server?: string
  readonly json?: boolean
}

interface LogInFlags extends LogOutFlags {
  readonly tokenStdin?: boolean
  readonly browser: boolean
}

const SERVER = ['--server <url>', 'the Quarry server (QUARRY_SERVER; default http://localhost:8080)'] as const

/** Gives a program its `login` and `logout`; `work` is the command that a token may stand before, for the examples. */
export function addSignInCommands(
  program: Command,
  { io, clock, scope, work }: { io: CliIo; clock: Clock; scope: Scope; work: string },
): void {
  const name = program.name()
  const serverOf = (flags: LogOutFlags) => Settings.read(io.env).server(flags.server)
  const outputOf = (flags: LogOutFlags) => new Output(io, clock, { json: flags.json === true })
  program
    .command('login')
    .description('sign in to a server: approve a code in the site, or give an API token')
    .option(...SERVER)
    .option('--token-stdin', 'read an API token from standard input instead')
    .option('--no-browser', 'only tell the address, open no browser')
    .option('--json', 'NDJSON on standard output')
    .addHelpText('after', examplesOf(name, work))
    .action(async (flags: LogInFlags) => {
      const context = { program: name, scope, server: serverOf(flags), io, clock }
      await logIn(context, outputOf(flags), { tokenStdin: flags.tokenStdin === true, browser: flags.browser })
    })
  program
    .command('logout')
    .description('forget the API token for a server, and end it there')
    .option(...SERVER)
    .option('--json', 'NDJSON on standard output')
    .action((flags: LogOutFlags) => logOut({ program: name, server: serverOf(flags), io, clock }, outputOf(flags)))
}

function examplesOf(name: string, work: string): string {
  return `
Examples:
  $ ${name} login --server https://quarry.example
  $ ${name} login --no-browser          on a machine without one: approve it from another
  $ ${name} login --token-stdin < token.txt
  $ QUARRY_TOKEN=… ${name} ${work}             without logging in, for containers`
}

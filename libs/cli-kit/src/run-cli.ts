import { CodedError } from '@quarry/contracts'
import type { Command, CommanderError } from 'commander'
import { exitCodes, ExitError, toExitError, wordsOf, type ExitCode } from './exit-codes.ts'
import type { CliIo } from './io.ts'
import { printable } from './output.ts'

/** What a command needs to know about how it was called, to say how it ended. */
export interface CliCall {
  readonly io: CliIo
  readonly args: readonly string[]
}

/**
 * Parses the arguments, runs the command and says in one line what went wrong: a JSON line on standard output with
 * `--json`, a sentence on standard error without. Never throws; returns the exit code.
 */
export async function runCli(program: Command, { io, args }: CliCall): Promise<number> {
  for (const command of [program, ...program.commands]) prepare(command, io)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    if (isCommanderError(error)) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    const end = endOf(error)
    const message = printable(end.message)
    if (args.includes('--json')) {
      io.stdout.write(`${JSON.stringify({ event: 'error', code: end.code, exitCode: end.exitCode, message })}\n`)
    }
    io.stderr.write(`error: ${message} (${end.code})\n`)
    return end.exitCode
  }
}

function prepare(command: Command, io: CliIo): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
  })
  command.showSuggestionAfterError().showHelpAfterError('Run it with --help to see how it is used.')
}

function endOf(error: unknown): { message: string; code: string; exitCode: ExitCode } {
  if (error instanceof ExitError) return error
  if (error instanceof CodedError) return toExitError(error)
  return { message: `Something unforeseen happened: ${wordsOf(error)}`, code: 'bug', exitCode: exitCodes.failure }
}

function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && (error as Partial<CommanderError>).code?.startsWith('commander.') === true
}

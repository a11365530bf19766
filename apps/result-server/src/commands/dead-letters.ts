import { ConfigError, openDeadLettersForCommand, type Environment } from '@quarry/service-kit'
import { parseArgs } from 'node:util'
import { exitCodeOf, type Output } from './exit-code.ts'

const STREAMS = ['results', 'settlements'] as const
type Stream = (typeof STREAMS)[number]
const DEFAULT_MAX = 100

const HELP = `Usage: dead-letters list|replay [--stream results|settlements] [--max N]

  list    prints the oldest dead letters, one line each; all stay where they are
  replay  puts the oldest back into the queues that they came from

  --stream  only this stream; both when not given
  --max     at most so many of each stream; ${DEFAULT_MAX} when not given

RabbitMQ is found by QUARRY_ENGINES=cluster and QUARRY_RABBITMQ.
Exit codes: 0 done, 1 RabbitMQ does not answer, 2 wrong usage or settings.
`

/**
 * `node apps/result-server/dist/main.js dead-letters list|replay`: what no consumer could handle, for an operator to look
 * at and to put back. Runs beside working services. Exit code 0, or 1 when RabbitMQ does not answer; throws `ConfigError`
 * for wrong usage. A replay that breaks off may be repeated: consumers tell by id what they have seen.
 */
export async function deadLetters(args: readonly string[], env: Environment, output: Output): Promise<number> {
  const asked = understood(args)
  if (asked === 'help') {
    output.write(HELP)
    return 0
  }
  return exitCodeOf(run(asked, env, output), output)
}

interface Asked {
  readonly verb: 'list' | 'replay'
  readonly streams: readonly Stream[]
  readonly max: number
}

async function run({ verb, streams, max }: Asked, env: Environment, output: Output): Promise<void> {
  const rabbit = await openDeadLettersForCommand(env)
  try {
    for (const stream of streams) {
      if (verb === 'replay') {
        output.write(`${stream}: ${await rabbit.deadLetters.replay(stream, max)} put back\n`)
        continue
      }
      const letters = await rabbit.deadLetters.list(stream, max)
      for (const { id, queue, reason, sizeBytes, problem } of letters)
        output.write(
          [stream, printable(id), queue, reason, `${sizeBytes} bytes`, problem ?? ''].join('  ').trimEnd() + '\n',
        )
      output.write(`${stream}: ${letters.length} of ${await rabbit.deadLetters.count(stream)} dead letters\n`)
    }
  } finally {
    await rabbit.close()
  }
}

/** Whoever sent it chose its id: it must not steer the operator's terminal. */
function printable(id: string): string {
  return id === '' ? '(no id)' : JSON.stringify(id).slice(1, -1)
}

function understood(args: readonly string[]): Asked | 'help' {
  const { values, positionals } = parsed(args)
  if (values.help) return 'help'
  const [verb, ...more] = positionals
  if ((verb !== 'list' && verb !== 'replay') || more.length > 0) throw misuse('say either list or replay')
  const stream = STREAMS.find((one) => one === values.stream)
  if (values.stream !== undefined && stream === undefined) throw misuse(`there is no stream ${values.stream}`)
  if (values.max !== undefined && !/^[1-9]\d{0,5}$/.test(values.max))
    throw misuse('--max takes a number from 1 to 999999')
  const max = values.max === undefined ? DEFAULT_MAX : Number(values.max)
  return { verb, streams: stream === undefined ? STREAMS : [stream], max }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { stream: { type: 'string' }, max: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    throw misuse((error as Error).message)
  }
}

function misuse(what: string): ConfigError {
  return new ConfigError(`dead-letters: ${what}\n\n${HELP}`)
}

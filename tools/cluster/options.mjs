/** The command line of `npm run engines`. */
import { parseArgs } from 'node:util'
import { parseScale, usualScale } from './plan.mjs'

const help = `npm run engines -- [options]

Starts Cassandra, Redis, RabbitMQ and Traefik without containers, and several of each service behind Traefik.
What the machine lacks is downloaded or built once, into .cache/engines. Ctrl-C stops all of it.

  --scale SERVICE=N   how many of a service (${Object.entries(usualScale)
    .map(([name, count]) => `${name}=${count}`)
    .join(', ')});
                      several separated by commas, or the option again
  --port PORT         Traefik's port; the next free one when it is taken (default 8080)
  --folder DIR        keep data and logs here and find them again (default: a new one, removed at the end)
  --journey           run the end-to-end journey against it, stop everything, exit with its outcome
  --json              events as one JSON object a line
  --help

Examples:
  npm run engines
  npm run engines -- --scale mining-server=3 --scale scheduler=4
  npm run engines -- --journey

Settings of the services come from the environment: QUARRY_FAUCET=true npm run engines (docs/configuration.md).
`

/** What was asked for; throws with a sentence when it makes no sense. `undefined` after help was shown. */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      scale: { type: 'string', multiple: true, default: [] },
      port: { type: 'string', default: '8080' },
      folder: { type: 'string' },
      journey: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return undefined
  }
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port ${values.port}: allowed are 1 to 65535.`)
  return { ...values, port, scale: parseScale(values.scale) }
}

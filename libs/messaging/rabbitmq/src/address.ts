import type { Options } from 'amqplib'

/** Long enough for a pause of the garbage collector, short enough to notice a dead broker within twenty seconds. */
const HEARTBEAT_SECONDS = 10

/** Where a broker answers, and as whom to sign in there. */
export interface RabbitAddress {
  readonly connect: Options.Connect
  /** Host and port, for messages: never the password. */
  readonly shown: string
}

/** Reads `amqp[s]://user:password@host:port/vhost`. Throws `TypeError`, without the URL, which holds a password. */
export function parseAddress(url: string): RabbitAddress {
  const parsed = URL.parse(url)
  if (parsed === null || !/^amqps?:$/.test(parsed.protocol) || parsed.hostname === '')
    throw new TypeError('the address of RabbitMQ must read amqp://user:password@host:port/vhost')
  const secure = parsed.protocol === 'amqps:'
  const hostname = parsed.hostname.replace(/^\[|\]$/g, '')
  const port = parsed.port === '' ? (secure ? 5671 : 5672) : Number(parsed.port)
  return {
    connect: {
      protocol: secure ? 'amqps' : 'amqp',
      hostname,
      port,
      username: parsed.username === '' ? 'guest' : decodeURIComponent(parsed.username),
      password: parsed.username === '' ? 'guest' : decodeURIComponent(parsed.password),
      // The library decodes it once more.
      vhost: parsed.pathname.slice(1) || '/',
      heartbeat: HEARTBEAT_SECONDS,
    },
    shown: `${parsed.hostname}:${port}`,
  }
}

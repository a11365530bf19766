/** RabbitMQ from the system's package, as a node of its own beside one that the system may run. */
import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EngineMissing, isProgram, onPath } from './missing.mjs'
import { ask } from './probe.mjs'

const packaged = '/usr/lib/rabbitmq/lib'
const protocolHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])

/**
 * Erlang nodes find each other by epmd. With one of its own, in the same process group, the node ends with it; Erlang
 * would start one that stays for ever and listens on every address.
 */
const withOwnPortMapper = 'epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & exec "$0"'

/**
 * A quorum queue of RabbitMQ 3.10 does not survive a kill for up to three minutes after its declaration: the file that
 * knows it by name (names.dets) is written that late. Chaos kills sooner, so the node writes such files twice a second.
 * Spaces would be taken for the end of an argument.
 */
const writeNamesSoon =
  'timer:apply_interval(500,erlang,apply,[fun()->lists:foreach(fun(T)->dets:sync(T)end,dets:all())end,[]]).'

export const rabbitmq = {
  name: 'rabbitmq',
  variable: 'QUARRY_RABBITMQ',
  ports: ['main', 'distribution', 'mapper'],
  startLimitMs: 60_000,
  portTaken: /eaddrinuse|Address (already )?in use/i,

  async prepare() {
    const server = findServer()
    if (!server) throw new EngineMissing('rabbitmq-server is not installed (Debian: apt-get install rabbitmq-server)')
    if (!onPath('epmd'))
      throw new EngineMissing("Erlang's epmd is not on the PATH (Debian: apt-get install erlang-base)")
    return { server }
  },

  /** Writes the configuration into the folder and says what to run. Every path that RabbitMQ writes to lies in it. */
  configure({ prepared, folder, ports }) {
    const inside = Object.fromEntries(
      ['home', 'mnesia', 'log'].map((name) => {
        mkdirSync(join(folder, name), { recursive: true })
        return [name, join(folder, name)]
      }),
    )
    const plugins = join(folder, 'enabled_plugins')
    const settings = join(folder, 'rabbitmq.conf')
    writeFileSync(plugins, '[].\n')
    writeFileSync(settings, configuration(ports.main))
    return {
      command: '/bin/sh',
      args: ['-c', withOwnPortMapper, prepared.server],
      cwd: folder,
      env: {
        HOME: inside.home,
        RABBITMQ_NODENAME: 'quarry@localhost',
        RABBITMQ_NODE_PORT: String(ports.main),
        RABBITMQ_DIST_PORT: String(ports.distribution),
        ERL_EPMD_PORT: String(ports.mapper),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} -eval ${writeNamesSoon}`,
        RABBITMQ_MNESIA_BASE: inside.mnesia,
        RABBITMQ_LOG_BASE: inside.log,
        RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
        RABBITMQ_CONFIG_FILE: settings,
      },
    }
  },

  /** It answers the protocol's header with its own first frame, and listens only when it is ready. */
  async answers({ main }) {
    const answer = await ask(main, protocolHeader)
    if (answer[0] !== 1) throw new Error('not the answer of an AMQP broker')
  },

  environment: ({ ports }) => ({ QUARRY_RABBITMQ: `amqp://guest:guest@127.0.0.1:${ports.main}` }),
}

function configuration(port) {
  return `listeners.tcp.local = 127.0.0.1:${port}
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 500MB
raft.wal_max_size_bytes = 67108864
log.console = true
log.console.level = info
log.file = false
`
}

/** Debian's program on the PATH changes the user and drops the environment: the one inside the package does neither. */
function findServer() {
  const fromPath = onPath('rabbitmq-server')
  const isWrapper = fromPath !== undefined && basename(realpathSync(fromPath)) === 'rabbitmq-script-wrapper'
  return isWrapper || fromPath === undefined ? packagedServers().find(isProgram) : fromPath
}

function packagedServers() {
  if (!existsSync(packaged)) return []
  return readdirSync(packaged)
    .filter((name) => name.startsWith('rabbitmq_server-'))
    .map((name) => join(packaged, name, 'sbin', 'rabbitmq-server'))
}

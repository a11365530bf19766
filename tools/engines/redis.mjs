/** Redis from the system's package: append-only file, nothing evicted, as design and compose file have it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineMissing, onPath } from './missing.mjs'
import { ask } from './probe.mjs'

export const redis = {
  name: 'redis',
  variable: 'QUARRY_REDIS',
  ports: ['main'],
  startLimitMs: 20_000,
  portTaken: /Address already in use/,

  async prepare() {
    const server = onPath('redis-server')
    if (!server) throw new EngineMissing('redis-server is not installed (Debian: apt-get install redis-server)')
    return { server }
  },

  /** Writes redis.conf into the folder and says what to run. */
  configure({ prepared, folder, ports }) {
    const data = join(folder, 'data')
    mkdirSync(data, { recursive: true })
    const file = join(folder, 'redis.conf')
    writeFileSync(file, configuration(data, ports.main))
    return { command: prepared.server, args: [file], cwd: folder }
  },

  /** Refuses while it is still loading its file: then it answers -LOADING. */
  async answers({ main }) {
    const answer = await ask(main, 'PING\r\n')
    if (!answer.toString().startsWith('+PONG')) throw new Error(answer.toString().trim())
  },

  environment: ({ ports }) => ({ QUARRY_REDIS: `redis://127.0.0.1:${ports.main}` }),
}

function configuration(data, port) {
  return `bind 127.0.0.1
port ${port}
dir ${JSON.stringify(data)}
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
`
}

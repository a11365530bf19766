import { MINING_PATH, PROTOCOL_VERSION, type MinerHello } from '@quarry/contracts'
import { io, NodeWebSocket, type Socket } from 'socket.io-client'
import { createInterface } from 'node:readline'

/**
 * Many miners that only wait: `idle-miners-client.js SERVER TOKEN COUNT NAME`. Prints how many are connected, once all are
 * and again for every line that it reads.
 */
const [server = '', token = '', count = '0', name = ''] = process.argv.slice(2)

const AT_ONCE = 50

async function connect(index: number): Promise<Socket> {
  const hello: MinerHello = {
    protocol: PROTOCOL_VERSION,
    token,
    deviceId: `bench-${name}-${index}`,
    version: 'bench',
    concurrency: 4,
    holding: [],
  }
  const socket = io(server, { path: MINING_PATH, transports: [NodeWebSocket], forceNew: true, auth: hello })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}

const sockets: Socket[] = []
let next = 0
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < Number(count)) sockets.push(await connect(next++))
  }),
)
const tell = () => void process.stdout.write(`${sockets.filter(({ connected }) => connected).length}\n`)
tell()
createInterface({ input: process.stdin }).on('line', tell)

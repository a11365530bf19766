import { onEngine } from '@quarry/engines-under-test'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { SpreadServers, type DynamicConfig } from '../src/application/spread-servers.ts'

const root = join(import.meta.dirname, '..', '..', '..')
/** Two machines' worth of loopback: the same port on each, as containers of one service have it. */
const MACHINES = ['127.0.0.1', '127.0.0.2']

/** One instance of every service: says who it is over HTTP, and to each socket. */
class Instance {
  readonly name: string
  readonly http: HttpServer
  healthy = true
  readonly #connections = new Set<Duplex>()

  constructor(name: string) {
    this.name = name
    this.http = createServer((request, response) => {
      const well = request.url !== '/readyz' || this.healthy
      response.writeHead(well ? 200 : 503, { 'x-instance': name }).end(name)
    })
    this.http.on('connection', (connection) => {
      this.#connections.add(connection)
      connection.once('close', () => this.#connections.delete(connection))
    })
    for (const path of ['/mining', '/results', '/live']) {
      const server = new Server(this.http, { path, serveClient: false })
      server.on('connection', (socket) => socket.emit('instance', name))
    }
  }

  listen(host: string, port: number): Promise<unknown> {
    this.http.listen(port, host)
    return once(this.http, 'listening')
  }

  /** As kill -9: every connection breaks, and nobody is told why. */
  kill(): void {
    this.http.close()
    for (const connection of this.#connections) connection.destroy()
  }
}

onEngine('traefik', (binary) => {
  let folder: string
  let traefik: ChildProcess
  let provider: HttpServer
  let url: string
  let port: number
  const instances = new Map<string, Instance>()
  const clients: Socket[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-routing-'))
    for (const machine of MACHINES) {
      const instance = new Instance(machine)
      await instance.listen(machine, port ?? 0)
      port ??= (instance.http.address() as AddressInfo).port
      instances.set(machine, instance)
    }
    // The rules of the containers, on plain loopback: every name leads to both machines.
    const template = parse(readFileSync(join(root, 'traefik/dynamic.yml'), 'utf8'), { merge: true }) as DynamicConfig
    const rules = JSON.parse(
      JSON.stringify(template).replaceAll(':8080"', `:${port}"`).replaceAll('"secure":true', '"secure":false'),
    ) as DynamicConfig
    const spread = new SpreadServers(rules, { resolve: () => Promise.resolve(MACHINES), logger: { warn: () => {} } })
    provider = createServer((_, response) => {
      void spread.run().then((config) => response.end(JSON.stringify(config).replaceAll('websecure', 'entry')))
    }).listen(0, '127.0.0.1')
    await once(provider, 'listening')
    const entry = await freePort()
    url = `http://127.0.0.1:${entry}`
    const fixed = parse(readFileSync(join(root, 'traefik/traefik.yml'), 'utf8')) as Record<string, unknown>
    const file = join(folder, 'traefik.yml')
    const endpoint = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/routes`
    writeFileSync(
      file,
      stringify({
        log: { level: 'INFO' },
        global: fixed['global'],
        entryPoints: { entry: { address: `127.0.0.1:${entry}` } },
        providers: { http: { endpoint, pollInterval: '1s' } },
      }),
    )
    traefik = spawn(binary, [`--configFile=${file}`], { stdio: 'ignore' })
    await until(async () => (await status('/api/v1/orders')) === 200 && (await whoServes('/')).length === 2)
  })

  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })

  afterAll(async () => {
    traefik?.kill()
    provider?.close()
    for (const instance of instances.values()) instance.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  const status = async (path: string) => (await fetch(url + path).catch(() => undefined))?.status
  /** The instances that answered of twenty requests without a cookie. */
  const whoServes = async (path: string) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(url + path).then((answer) => answer.text())),
    )
    return [...new Set(answers)].sort()
  }

  async function connect(path: string, transports: ('polling' | 'websocket')[], cookie?: string) {
    const client = io(url, {
      path,
      transports,
      upgrade: transports.length > 1,
      reconnectionDelay: 100,
      reconnectionDelayMax: 300,
      withCredentials: true,
      ...(cookie !== undefined && { extraHeaders: { cookie } }),
    })
    clients.push(client)
    const seen: string[] = []
    client.on('instance', (name: string) => seen.push(name))
    await until(() => Promise.resolve(seen.length > 0))
    return { client, seen }
  }

  test('what is inside has no route', async () => {
    for (const path of ['/internal/coins/balance', '/metrics', '/managers/', '/routes', '/readyz']) {
      const answer = await fetch(url + path)
      // The site answers every other address. All instances here look alike, but those behind the API and the sockets
      // come with the cookie of their service, and the site with none.
      expect([path, answer.status, answer.headers.getSetCookie()]).toEqual([path, 200, []])
    }
    const routed = parse(readFileSync(join(root, 'traefik/dynamic.yml'), 'utf8'), { merge: true }) as DynamicConfig
    expect(Object.keys(routed.http.services).toSorted()).toEqual([
      'auth',
      'backend',
      'mining-server',
      'result-server',
      'web',
    ])
  })

  test.each(['/mining', '/results', '/live'])(
    '%s: a client on long polling stays with one of two servers',
    async (path) => {
      const { client, seen } = await connect(path, ['polling'])
      // Each poll is a request of its own: without stickiness every second one would meet a server that does not know it.
      await sleep(1_500)
      expect(client.connected).toBe(true)
      expect(seen).toHaveLength(1)
    },
  )

  test('a client on WebSocket, and one that upgrades, connect and stay', async () => {
    const direct = await connect('/mining', ['websocket'])
    const upgraded = await connect('/mining', ['polling', 'websocket'])
    await until(() => Promise.resolve(upgraded.client.io.engine.transport.name === 'websocket'))
    expect([direct.seen.length, upgraded.seen.length]).toEqual([1, 1])
  })

  test('the cookie leads back to the same server, whatever the transport', async () => {
    const first = await fetch(`${url}/mining/?EIO=4&transport=polling`)
    const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
    expect(first.headers.getSetCookie()[0]).toMatch(/^quarry_mining=.*HttpOnly/i)
    const names = new Set<string>()
    for (let nth = 0; nth < 6; nth++) {
      const { seen } = await connect('/mining', nth % 2 === 0 ? ['websocket'] : ['polling'], cookie)
      names.add(seen[0]!)
    }
    expect(names.size).toBe(1)
  })

  test('a server that is not well gets nobody new, and is back when it is well', async () => {
    const [first, second] = [...instances.values()] as [Instance, Instance]
    first.healthy = false
    await until(async () => (await whoServes('/api/v1/orders')).join() === second.name)
    first.healthy = true
    await until(async () => (await whoServes('/api/v1/orders')).length === 2)
  })

  test('of two servers one is killed: its clients come back on the other by themselves, polling and WebSocket alike', async () => {
    const polling = await Promise.all(Array.from({ length: 4 }, () => connect('/mining', ['polling'])))
    const direct = await Promise.all(Array.from({ length: 4 }, () => connect('/mining', ['websocket'])))
    const all = [...polling, ...direct]
    const dead = instances.get(MACHINES[1]!)!
    const alive = instances.get(MACHINES[0]!)!
    expect(all.some(({ seen }) => seen[0] === dead.name)).toBe(true)
    dead.kill()
    await until(() => Promise.resolve(all.every(({ client, seen }) => client.connected && seen.at(-1) === alive.name)))
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function until(look: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await look()) return
    await sleep(100)
  }
  throw new Error('waited 20 s in vain')
}

import type { AllowList } from '@quarry/domain'
import { parseAllowList } from '@quarry/domain'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createRawServer } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Fetcher, FetcherOptions } from '../src/index.ts'
import { createFetcher } from '../src/index.ts'

/** A site on loopback that ends with its test. */
export interface Site {
  readonly port: number
  readonly url: string
}

/** Starts a site that answers by `listener`, and 404 to a robots.txt unless `robots` says something else. */
export async function startSite(listener: RequestListener, robots?: RequestListener): Promise<Site> {
  const server = createServer((request, response) => {
    if (request.url !== '/robots.txt') return listener(request, response)
    if (robots) return robots(request, response)
    response.writeHead(404).end()
  })
  return listen(server)
}

/** Starts a site that speaks raw bytes; robots.txt gets its 404. */
export async function startRawSite(answer: (socket: Socket, head: string) => void): Promise<Site> {
  const server = createRawServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      const head = bytes.toString('latin1')
      if (head.startsWith('GET /robots.txt ')) socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
      else answer(socket, head)
    })
  })
  return listen(server)
}

export async function listen(server: Server, scheme = 'http'): Promise<Site> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `${scheme}://127.0.0.1:${port}` }
}

export function listOf(text: string): AllowList {
  const list = parseAllowList(text)
  if (!list.ok) throw new Error(list.error)
  return list.value
}

/** A fetcher that may reach loopback, closed at the end of the test. */
export function openFetcher(options: Partial<FetcherOptions> = {}): Fetcher {
  const fetcher = createFetcher({ allow: listOf('127.0.0.0/8'), ...options })
  onTestFinished(() => fetcher.close())
  return fetcher
}

import type { AccessTokenView } from '@quarry/contracts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AccessTokens } from './access-tokens.ts'
import { ReconnectingSocket } from './reconnecting-socket.ts'
import { systemClock } from './system-clock.ts'

const http = () => createServer()
let peer: Server
let url: string
let exchanges: number
let lifeMs: number
let accept: (token: string) => string | undefined
const seen: string[] = []
const refreshed: string[] = []

beforeEach(async () => {
  exchanges = 0
  lifeMs = 300_000
  accept = () => undefined
  seen.length = 0
  refreshed.length = 0
  const server = http()
  server.on('request', (request, response) => {
    if (request.url !== '/api/v1/auth/token') return
    const view: AccessTokenView = {
      accessToken: `access-${++exchanges}`,
      expiresAt: Date.now() + lifeMs,
      userId: 'u',
      scopes: ['mine'],
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(view))
  })
  peer = new Server(server, { path: '/x', serveClient: false })
  peer.use((socket, next) => {
    const { token } = socket.handshake.auth as { token: string }
    seen.push(token)
    const code = accept(token)
    next(code ? Object.assign(new Error(code), { data: { error: { code, message: code } } }) : undefined)
  })
  peer.on('connection', (socket) =>
    socket.on('refresh', (token: string, answer: () => void) => {
      refreshed.push(token)
      answer()
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  peer.disconnectSockets(true)
  await peer.close()
})

function connect(more: { giveUpAfterMs?: number; server?: string } = {}) {
  const server = more.server ?? url
  const ups: number[] = []
  const link = new ReconnectingSocket({
    server,
    path: '/x',
    tokens: new AccessTokens(server, 'api-token', systemClock),
    clock: systemClock,
    random: { next: () => 0 },
    hello: async ({ accessToken }) => ({ token: accessToken }),
    onUp: () => ups.push(1),
    ...(more.giveUpAfterMs === undefined ? {} : { giveUpAfterMs: more.giveUpAfterMs }),
  })
  link.open()
  return { link, ups }
}

describe('the reconnecting socket', () => {
  it('fetches a fresh token when the server says that the old one ended, and goes on', async () => {
    accept = (token) => (token === 'access-1' ? 'token_expired' : undefined)
    const { link, ups } = connect()
    await expect.poll(() => ups.length).toBe(1)
    expect(seen).toEqual(['access-1', 'access-2'])
    link.close()
    await link.ended
  })

  it('ends when a fresh token does not help', async () => {
    accept = () => 'token_invalid'
    await expect(connect().link.ended).rejects.toMatchObject({ exitCode: 4, code: 'token_invalid' })
    expect(seen).toHaveLength(2)
  })

  it('ends for good at a final refusal in the middle of a session', async () => {
    const { link, ups } = connect()
    await expect.poll(() => ups.length).toBe(1)
    peer.emit('refused', { error: { code: 'forbidden', message: 'Banned.' } })
    await expect(link.ended).rejects.toMatchObject({ exitCode: 4, code: 'forbidden' })
  })

  it('comes back after a retryable refusal in the middle of a session', async () => {
    const { link, ups } = connect()
    await expect.poll(() => ups.length).toBe(1)
    peer.emit('refused', { error: { code: 'too_many_requests', message: 'Slowly.', retryAfterMs: 50 } })
    await expect.poll(() => ups.length).toBe(2)
    link.close()
  })

  it('sends a fresh token over the open socket before the old one ends', async () => {
    lifeMs = 0
    const now = Date.now()
    let skipped = 0
    const { link, ups } = connect()
    await expect.poll(() => ups.length).toBe(1)
    link.close()
    const hurried = {
      now: () => now + skipped,
      after: (_: number, action: () => void) => systemClock.after(20, action),
    }
    const tokens = new AccessTokens(url, 'api-token', hurried)
    const second = new ReconnectingSocket({
      server: url,
      path: '/x',
      tokens,
      clock: hurried,
      random: { next: () => 0 },
      hello: async ({ accessToken }) => ({ token: accessToken }),
    })
    second.open()
    await expect.poll(() => refreshed.length, { timeout: 5_000 }).toBeGreaterThan(1)
    skipped = 1
    expect(new Set(refreshed).size).toBe(refreshed.length)
    second.close()
  })

  it('gives up after the given time without a connection', async () => {
    const { link } = connect({ giveUpAfterMs: 100, server: 'http://127.0.0.1:1' })
    await expect(link.ended).rejects.toMatchObject({ exitCode: 5, code: 'unavailable' })
  })
})

import { mkdtempSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testIo, type TestIo } from '../test/test-io.ts'
import { exitCodes } from './exit-codes.ts'
import { Output } from './output.ts'
import { logIn, logOut } from './sign-in.ts'
import { systemClock } from './system-clock.ts'
import { TokenStore } from './token-store.ts'

const TOKEN = 'qry_a-token-of-the-device-flow'
/** What the stand-in for a server answers to polls, in turn; the last one for ever. */
let polls: { readonly status: number; readonly body: object }[]
let expiresInS = 900
let polledAt: number[]
let ended: string[]
let server: Server
let url: string
let dir: string

const pending = { status: 400, body: { error: 'authorization_pending', error_description: '' } }
const approved = { status: 200, body: { access_token: TOKEN, token_type: 'Bearer', scope: 'mine' } }

beforeEach(async () => {
  polls = [approved]
  expiresInS = 900
  polledAt = []
  ended = []
  dir = mkdtempSync(join(tmpdir(), 'device-login-'))
  server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.method === 'DELETE') {
      ended.push(String(request.headers.authorization))
      response.writeHead(204).end()
    } else if (request.url?.endsWith('/device_authorization'))
      answer(200, {
        device_code: 'device-code',
        user_code: 'BCDF-GHJK',
        verification_uri: `${url}/device`,
        verification_uri_complete: `${url}/device?code=BCDF-GHJK`,
        expires_in: expiresInS,
        interval: 0.01,
      })
    else if (request.url?.endsWith('/device_token')) {
      polledAt.push(performance.now())
      const poll = polls.length > 1 ? polls.shift()! : polls[0]!
      answer(poll.status, poll.body)
    } else answer(200, { accessToken: 'a', expiresAt: Date.now() + 300_000, userId: 'u1', scopes: ['mine'] })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => server.close())

const contextOf = (io: TestIo) =>
  ({ program: 'mining-client', scope: 'mine', server: url, io, clock: systemClock }) as const
const ioOf = (tty = true) => testIo({ tty, env: { QUARRY_CONFIG_DIR: dir } })
const run = (io: TestIo, options: { json?: boolean; browser?: boolean } = {}) =>
  logIn(contextOf(io), new Output(io, systemClock, { json: options.json === true }), {
    tokenStdin: false,
    browser: options.browser !== false,
  })

describe('login', () => {
  it('shows address and code, opens the browser, waits, and keeps the token for its owner alone', async () => {
    polls = [pending, pending, approved]
    const io = ioOf()
    await run(io)
    expect(io.written.stdout).toContain(`${url}/device`)
    expect(io.written.stdout).toContain('BCDF-GHJK')
    expect(io.opened).toEqual([`${url}/device?code=BCDF-GHJK`])
    const store = new TokenStore(dir, 'mining-client')
    expect(store.read(url)).toBe(TOKEN)
    expect(statSync(store.path).mode & 0o777).toBe(0o600)
    expect(io.written.stdout + io.written.stderr).not.toContain(TOKEN)
  })

  it('opens no browser without a terminal, when told so, or for a program that reads JSON', async () => {
    for (const [tty, options] of [
      [false, {}],
      [true, { browser: false }],
      [true, { json: true }],
    ] as const) {
      const io = ioOf(tty)
      await run(io, options)
      expect(io.opened).toEqual([])
    }
  })

  it('tells programs the code in one JSON line', async () => {
    const io = ioOf(false)
    await run(io, { json: true })
    const [first, last] = io.written.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(first).toMatchObject({ event: 'login-code', address: `${url}/device`, userCode: 'BCDF-GHJK' })
    expect(last).toMatchObject({ event: 'signed-in', scopes: ['mine'] })
  })

  it('goes on asking while the server is away', async () => {
    polls = [{ status: 503, body: { error: { code: 'unavailable', message: 'Later.' } } }, approved]
    await run(ioOf())
    expect(polledAt).toHaveLength(2)
  })

  it.each([
    ['access_denied', 'access_denied'],
    ['expired_token', 'expired_token'],
    ['invalid_grant', 'login_failed'],
  ])('ends with the exit code for signing in at %s', async (error, code) => {
    polls = [{ status: 400, body: { error, error_description: '' } }]
    await expect(run(ioOf())).rejects.toMatchObject({ exitCode: exitCodes.auth, code })
  })

  it('says what to do once the code has expired by its own clock', async () => {
    polls = [pending]
    expiresInS = 0.05
    await expect(run(ioOf())).rejects.toThrow(/Run `mining-client login --server http.*` again/)
  })

  it('waits five seconds longer after slow_down', async () => {
    polls = [{ status: 400, body: { error: 'slow_down', error_description: '' } }, approved]
    await run(ioOf())
    expect(polledAt[1]! - polledAt[0]!).toBeGreaterThanOrEqual(5000)
  })

  it('ends with 130 at Ctrl-C', async () => {
    polls = [pending]
    const io = ioOf()
    const running = run(io)
    await expect.poll(() => polledAt.length).toBeGreaterThan(0)
    io.signal('SIGINT')
    await expect(running).rejects.toMatchObject({ exitCode: exitCodes.interrupted })
  })
})

describe('logout', () => {
  const out = (io: TestIo) => logOut(contextOf(io), new Output(io, systemClock, { json: false }))

  it('ends the token at the server and forgets it', async () => {
    await run(ioOf())
    await out(ioOf())
    expect(ended).toEqual([`Bearer ${TOKEN}`])
    expect(new TokenStore(dir, 'mining-client').read(url)).toBeUndefined()
    await out(ioOf())
    expect(ended).toHaveLength(1)
  })

  it('forgets it all the same when the server is away, and says so', async () => {
    await run(ioOf())
    server.close()
    server.closeAllConnections()
    const io = ioOf()
    await out(io)
    expect(new TokenStore(dir, 'mining-client').read(url)).toBeUndefined()
    expect(io.written.stderr).toContain('revoke the token in the site')
  })
})

import type { ApiTokenView } from '@quarry/contracts'
import { AppProcess, TargetSite, testEnv, waitUntil, workspaceRoot, type ApiClient } from '@quarry/testkit'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsOf, Marketplace, once, settled } from './src/marketplace.ts'
import { filesOf, folderProblems, readManifest } from './src/received-folder.ts'

/** The programs that the same mistakes are made with. */
const clients = [
  { app: 'mining-client', command: 'mine', scope: 'mine', other: 'results:read', folderFlag: '--data' },
  { app: 'result-client', command: 'pull', scope: 'results:read', other: 'mine', folderFlag: '--out' },
] as const

let market: Marketplace
let user: ApiClient
let nowhere: string

/** An address at which nobody listens. */
async function nobodyAt(): Promise<string> {
  const server = await listening(createServer())
  const url = originOf(server)
  await new Promise((resolve) => server.close(resolve))
  return url
}

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

interface Ended {
  readonly code: number | NodeJS.Signals
  readonly words: string
}

async function run(app: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const program = new AppProcess(app, args, { env: { ...market.clientEnv(), ...env } })
  const code = await program.exit()
  return { code, words: program.lines.join('\n') }
}

/** `login` with a token on its standard input. */
function logIn(app: string, server: string, token: string): Ended {
  const file = join(workspaceRoot(), 'apps', app, 'dist', 'main.js')
  const args = [file, 'login', '--token-stdin', '--server', server]
  const env = { PATH: process.env['PATH'] ?? '', ...market.clientEnv() }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { input: token, env, encoding: 'utf8' })
  return { code: status ?? 'SIGKILL', words: stdout + stderr }
}

/** One line for people, with a code for scripts in brackets; no stack, no other complaint. */
function expectOneLine({ words }: Ended, code: string): void {
  const complaints = words.split('\n').filter((line) => /^error: /.test(line))
  expect(complaints, words).toHaveLength(1)
  expect(complaints[0]).toContain(`(${code})`)
  expect(words).not.toMatch(/^ +at |node:internal/m)
}

beforeAll(async () => {
  // A miner that is gone keeps its page for as long as its lease lasts.
  market = await Marketplace.start({ QUARRY_LEASE_MS: '6000' })
  user = await market.signUp('somebody')
  nowhere = await nobodyAt()
})
afterAll(() => market?.stop())

describe.each(clients)('$app', ({ app, command, scope, other, folderFlag }) => {
  const folder = (name: string) => join(market.folder, `${app}-${name}`)
  const call = (name: string, args: readonly string[], token?: string) =>
    run(app, [command, folderFlag, folder(name), ...args], token === undefined ? {} : { QUARRY_TOKEN: token })

  it('says how to sign in without a token (4)', async () => {
    const ended = await call('no-token', ['--server', market.url])
    expect(ended.code).toBe(4)
    expectOneLine(ended, 'not_signed_in')
    expect(existsSync(folder('no-token'))).toBe(false)
  })

  it.each(['nonsense', `qk_${'a'.repeat(40)}`])('refuses the token %j (4)', async (token) => {
    const ended = await call('wrong-token', ['--server', market.url], token)
    expect(ended.code).toBe(4)
    expectOneLine(ended, 'token_invalid')
    expect(filesOf(folder('wrong-token')).filter((file) => file.startsWith('.incoming'))).toEqual([])
    expect(readManifest(folder('wrong-token'))).toEqual([])
  })

  it('refuses a token without the permission it needs (4)', async () => {
    const ended = await call('other-scope', ['--server', market.url], await user.token(other))
    expect(ended.code).toBe(4)
    expectOneLine(ended, 'scope_missing')
  })

  it('refuses a revoked token (4)', async () => {
    const token = await user.token(scope)
    const tokens = await user.call<{ items: ApiTokenView[] } | ApiTokenView[]>('/api/v1/auth/tokens')
    const newest = (Array.isArray(tokens) ? tokens : tokens.items).toSorted((a, b) => b.createdAt - a.createdAt)
    for (const { id } of newest) await user.call(`/api/v1/auth/tokens/${id}`, { method: 'DELETE' })
    const ended = await call('revoked', ['--server', market.url], token)
    expect(ended.code).toBe(4)
    expectOneLine(ended, 'token_invalid')
  })

  it.each([
    ['refuses', 4, 'token_invalid', () => market.url],
    ['cannot be asked about', 5, 'unavailable', () => nowhere],
  ])('keeps no token that the server %s at log-in (%i)', (_, code, word, server) => {
    const ended = logIn(app, server(), 'qk_a_token_that_nobody_made')
    expect(ended.code).toBe(code)
    expectOneLine(ended, word)
    expect(existsSync(market.clientEnv()['QUARRY_CONFIG_DIR'] ?? '')).toBe(false)
  })

  it.each([
    ['an unknown flag', ['--bogus']],
    ['a server that is no URL', ['--server', 'not a url']],
    ['a server with a path', ['--server', 'http://127.0.0.1/quarry']],
    ['a flag without its value', ['--server']],
    ['a stray word', ['now']],
  ])('explains %s (2)', async (_, args) => {
    const ended = await call('wrong-call', args, 'qk_whatever_it_is')
    expect(ended.code).toBe(2)
    expect(ended.words.split('\n').filter((line) => line.startsWith('error: '))).toHaveLength(1)
    expect(ended.words).not.toMatch(/^ +at /m)
    expect(existsSync(folder('wrong-call'))).toBe(false)
  })

  it('keeps trying while the server is not there, and ends with 0 on Ctrl-C', async () => {
    const args = [command, folderFlag, folder('offline'), '--server', nowhere, '--json']
    const client = new AppProcess(app, args, { env: { ...market.clientEnv(), QUARRY_TOKEN: await user.token(scope) } })
    await waitUntil(
      'it tried twice',
      () => eventsOf(client).filter(({ event }) => event === 'disconnected').length >= 2,
    )
    client.signal('SIGINT')
    expect(await client.exit()).toBe(0)
  })

  it('refuses a folder that cannot be written (7)', async () => {
    // Below a file nobody can make a folder, root included.
    const file = join(market.folder, `${app}.file`)
    writeFileSync(file, 'mine')
    const token = await user.token(scope)
    const ended = await run(app, [command, folderFlag, join(file, 'below'), '--server', market.url], {
      QUARRY_TOKEN: token,
    })
    expect(ended.code).toBe(7)
    expectOneLine(ended, 'unwritable')
    expect(ended.words).toContain(file)
  })

  it('lets a second one of its kind not into its folder (1)', async () => {
    const token = await user.token(scope)
    const args = [command, folderFlag, folder('taken'), '--server', market.url, '--json']
    const first = new AppProcess(app, args, { env: { ...market.clientEnv(), QUARRY_TOKEN: token } })
    await first.line(/"connected"/)
    const second = await run(app, args, { QUARRY_TOKEN: token })
    expect(second.code).toBe(1)
    expectOneLine(second, 'folder_in_use')
    expect(await first.stop()).toBe(0)
  })

  it('asks for an update when the server speaks another protocol (7)', async () => {
    const future = await listening(createServer((_, response) => refuseProtocol(response)))
    const ended = await call('future', ['--server', originOf(future)], 'qk_a_token_of_the_future')
    future.closeAllConnections()
    future.close()
    expect(ended.code).toBe(7)
    expectOneLine(ended, 'protocol_unsupported')
  })
})

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers as a server would that no longer knows our protocol version. */
function refuseProtocol(response: ServerResponse): void {
  const message = 'This server speaks a newer protocol. Please upgrade.'
  response
    .writeHead(426, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { code: 'protocol_unsupported', message } }))
}

describe('result-client pull --once', () => {
  it('refuses a folder of somebody else (2)', async () => {
    const other = await market.signUp('other')
    expect(await (await market.receiver(user, 'shared', { args: ['--once'] })).exit()).toBe(0)
    const second = await market.receiver(other, 'shared', { args: ['--once'] })
    expect(await second.exit()).toBe(2)
    expect(second.lines.join('\n')).toContain('(foreign_folder)')
  })
})

describe('the marketplace', () => {
  const start = async (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> => {
    const program = new AppProcess('standalone', args, { env: { ...testEnv, ...env } })
    return { code: await program.exit(), words: program.lines.join('\n') }
  }
  const data = (name: string) => join(market.folder, name)

  it('names the port that is in use (2)', async () => {
    const { code, words } = await start(['--data', data('second'), '--port', new URL(market.url).port])
    expect(code).toBe(2)
    expect(words).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use;/m)
    expect(words).not.toMatch(/^ +at /m)
  })

  it('names the data folder that cannot be written (2)', async () => {
    const file = data('data.file')
    writeFileSync(file, '')
    const { code, words } = await start(['--data', join(file, 'below'), '--port', '0'])
    expect(code).toBe(2)
    expect(words).toContain(file)
    expect(words).not.toMatch(/^ +at /m)
  })

  it.each([
    ['an unknown flag', ['--bogus'], {}],
    ['a port out of range', ['--port', '70000'], {}],
    ['an unknown service', ['--service', 'bakery'], {}],
    ['a wrong variable', ['--port', '0'], { QUARRY_HOST_GAPS: 'default=soon' }],
    ['two wrong variables', ['--port', '0'], { QUARRY_MIN_INTERVAL_MS: '-1', QUARRY_ALLOW_ADDRESSES: '300.1.1.1' }],
  ])('explains %s (2)', async (_, args, env) => {
    const { code, words } = await start(['--data', data('wrong-call'), ...args], env)
    expect(code, words).toBe(2)
    for (const variable of Object.keys(env)) expect(words).toContain(variable)
    expect(words).not.toMatch(/^ +at /m)
  })
})

describe('Ctrl-C', () => {
  let site: TargetSite
  beforeAll(async () => {
    site = await TargetSite.start()
    await user.faucet(10)
  })
  afterAll(() => site?.close())

  it('lets a miner finish the page it is at (0)', async () => {
    const miner = await market.miner(user, 'draining')
    const { id } = await user.place(once(`${site.url}/slow?ms=1500`))
    await waitUntil('the site is asked', () => site.count('/slow') === 1)
    miner.signal('SIGINT')
    expect(await miner.exit()).toBe(0)
    expect(await settled(user, [id])).toMatchObject([{ delivered: 1 }])
  })

  it('twice ends it at once (130), and another miner does the page', async () => {
    const miner = await market.miner(user, 'hasty')
    const { id } = await user.place(once(`${site.url}/slow?ms=2500`))
    await waitUntil('the site is asked', () => site.count('/slow') === 2)
    miner.signal('SIGINT')
    await miner.line(/"draining"/)
    miner.signal('SIGINT')
    expect(await miner.exit()).toBe(130)
    const next = await market.miner(user, 'next')
    expect(await settled(user, [id])).toMatchObject([{ delivered: 1 }])
    expect(await next.stop()).toBe(0)
  })

  it('ends a result-client with everything that arrived on disk (0)', async () => {
    mkdirSync(market.out('interrupted'))
    const receiver = await market.receiver(user, 'interrupted')
    await waitUntil('two results are here', () => readManifest(market.out('interrupted')).length === 2)
    receiver.signal('SIGINT')
    expect(await receiver.exit()).toBe(0)
    expect(folderProblems(market.out('interrupted'))).toEqual([])
  })
})

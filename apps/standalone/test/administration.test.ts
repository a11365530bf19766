import { authService } from '@quarry/auth'
import { backendService } from '@quarry/backend'
import { coinService } from '@quarry/coin'
import { miningServerService } from '@quarry/mining-server'
import { schedulerService } from '@quarry/scheduler'
import { schedulerManagerService } from '@quarry/scheduler-manager'
import { startServices, type RunningServices } from '@quarry/service-kit'
import { testEnv, waitUntil } from '@quarry/testkit'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'otplib'
import { afterAll, beforeAll, expect, it } from 'vitest'

const PASSWORD = 'plum tree in the rain'

let folder: string
let running: RunningServices
let admin: Person
let customer: Person

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly error?: { readonly code: string } }
  readonly bytes: Buffer
}
interface Person {
  readonly userId: string
  readonly email: string
  readonly secret?: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(new URL(path, running.url), {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const isJson = response.headers.get('content-type')?.includes('json') === true && bytes.length > 0
  return { status: response.status, bytes, body: isJson ? (JSON.parse(bytes.toString()) as Answer['body']) : {} }
}

const signIn = (email: string, code?: string) =>
  send('POST', '/api/v1/auth/login', { email, password: PASSWORD, ...(code !== undefined && { code }) })

async function person(email: string, role: 'admin' | 'customer'): Promise<Person> {
  await send('POST', '/api/v1/auth/register', { email, password: PASSWORD })
  let login = await signIn(email)
  const { userId } = login.body['user'] as { userId: string }
  const bearer = () => ({ authorization: `Bearer ${String(login.body['accessToken'])}` })
  let secret: string | undefined
  if (role === 'admin') {
    await running.engines.operator.setAdmin(userId, true)
    const enrolled = await send('POST', '/api/v1/auth/totp/enrol', { password: PASSWORD }, bearer())
    secret = String(enrolled.body['secret'])
    await send('POST', '/api/v1/auth/totp/confirm', { code: await generate({ secret }) }, bearer())
    const ahead = await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 })
    login = await signIn(email, ahead)
  }
  return {
    userId,
    email,
    ...(secret !== undefined && { secret }),
    call: (method, path, body, headers) => send(method, path, body, { ...bearer(), ...headers }),
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-admin-'))
  const services = [authService, coinService, backendService, schedulerManagerService, schedulerService]
  running = await startServices([...services, miningServerService], {
    env: {
      ...testEnv,
      QUARRY_ENV: 'test',
      QUARRY_AUTH_PEPPER: 'test-only pepper of at least thirty-two bytes',
      QUARRY_AUTH_SEALING_KEY: 'test-only sealing key of at least thirty-two bytes',
      QUARRY_AUTH_INSECURE_BCRYPT_COST: '4',
      QUARRY_INTERNAL_SECRET: 'test-only-internal-secret-of-thirty-two',
      QUARRY_PORT: '0',
      QUARRY_DATA: folder,
      QUARRY_LOG_LEVEL: 'silent',
      QUARRY_FAUCET: 'true',
      QUARRY_MANAGER_RENEW_MS: '250',
      QUARRY_MANAGER_TAKE_OVER_MS: '1000',
    },
  })
  admin = await person('root@example.com', 'admin')
  customer = await person('carl@example.com', 'customer')
})
afterAll(async () => {
  await running.stop()
  await rm(folder, { recursive: true })
})

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

async function routes(): Promise<{ method: string; path: string }[]> {
  const { paths } = (await send('GET', '/api/docs-json')).body as unknown as Described
  const methods = ['get', 'post', 'put', 'patch', 'delete']
  return Object.entries(paths).flatMap(([path, told]) =>
    Object.keys(told)
      .filter((method) => methods.includes(method))
      .map((method) => ({ method: method.toUpperCase(), path: path.replace(/\{[^}]+\}/g, 'x') })),
  )
}

it('shows no administration to anybody else, whatever is asked', async () => {
  const administration = (await routes()).filter(({ path }) => path.startsWith('/api/v1/admin'))
  expect(administration.length).toBeGreaterThan(10)
  for (const { method, path } of administration) {
    const body = method === 'GET' ? undefined : {}
    expect([path, (await customer.call(method, path, body)).status]).toEqual([path, 403])
    expect([path, (await send(method, path, body)).status]).toEqual([path, 401])
  }
})

it('lets nobody in whose role was taken back, with a token that says otherwise', async () => {
  expect((await admin.call('GET', '/api/v1/admin/deny-list')).status).toBe(200)
  await running.engines.operator.setAdmin(admin.userId, false)
  expect((await admin.call('GET', '/api/v1/admin/deny-list')).body.error?.code).toBe('forbidden')
  await running.engines.operator.setAdmin(admin.userId, true)
})

it('credits and debits once under a key, never below zero, and writes each act down first', async () => {
  const move = (what: string, coins: number, key: string) =>
    admin.call(
      'POST',
      `/api/v1/admin/accounts/${customer.userId}/${what}`,
      { coins, reason: 'a test' },
      { 'idempotency-key': key },
    )
  expect((await move('credit', 50, 'k1')).body).toMatchObject({ availableCoins: 50 })
  expect((await move('credit', 50, 'k1')).body).toMatchObject({ availableCoins: 50 })
  expect((await move('credit', 51, 'k1')).body.error?.code).toBe('idempotency_mismatch')
  expect((await move('debit', 51, 'k2')).body.error?.code).toBe('not_enough_coins')
  expect((await move('debit', 20, 'k3')).body).toMatchObject({ availableCoins: 30 })
  const { items } = (await admin.call('GET', '/api/v1/admin/audit?limit=5')).body as { items: object[] }
  expect(items[0]).toMatchObject({ action: 'account.debit', subject: customer.userId, details: { coins: 20 } })
  expect(items).toHaveLength(5)
  const audit = (await admin.call('POST', '/api/v1/admin/ledger-audit')).body
  expect(audit).toMatchObject({ violations: [] })
  expect((await admin.call('GET', '/api/v1/admin/system')).body).toMatchObject({ queue: { waiting: 0 } })
})

it('refuses an order to a denied host by the rule’s name, and takes it again when the rule is gone', async () => {
  const order = { url: 'https://shop.denied.example/', schedule: { kind: 'once' } }
  const place = async () => (await customer.call('POST', '/api/v1/orders/preview', order)).body
  await admin.call('POST', '/api/v1/admin/deny-list', { pattern: 'Denied.Example', reason: 'they asked' })
  await waitUntil('the rule counts', async () => (await place()).error?.code === 'host_denied')
  expect(JSON.stringify(await place())).toContain('denied.example')
  const path = '/api/v1/admin/deny-list/denied.example'
  expect((await admin.call('DELETE', path)).body.error?.code).toBe('invalid_input')
  await admin.call('DELETE', path, { reason: 'they took it back' })
  await waitUntil('the rule is gone', async () => (await place()).error === undefined)
  const { items } = (await admin.call('GET', '/api/v1/admin/audit?limit=1')).body as { items: object[] }
  expect(items[0]).toMatchObject({ action: 'deny-list.remove', reason: 'they took it back' })
})

it('hands out everything as a ZIP, and deletes the account', async () => {
  const wrong = await customer.call('POST', '/api/v1/account/export', { password: 'not this one' })
  expect(wrong.body.error?.code).toBe('sign_in_failed')
  const asked = async () => customer.call('POST', '/api/v1/account/export', { password: PASSWORD, bodies: true })
  await waitUntil('a guess may be made again', async () => (await asked()).status === 200)
  const { path } = (await asked()).body as { path: string }
  const zip = await send('GET', path)
  expect(zip.bytes.subarray(0, 2).toString()).toBe('PK')
  for (const name of ['account.json', 'orders.jsonl', 'runs.jsonl', 'ledger.jsonl', 'leaderboard.json', 'limits.json'])
    expect(zip.bytes.includes(name)).toBe(true)
  expect((await send('GET', `${path}x`)).status).toBe(404)
  const { userId, email } = customer
  const remove = (confirmation: string) =>
    customer.call('POST', '/api/v1/account/deletion', { password: PASSWORD, confirmation })
  expect((await remove('somebody@else.example')).body.error?.code).toBe('invalid_input')
  expect((await remove(email)).status).toBe(202)
  const gone = await signIn(email)
  expect(gone.body).toMatchObject({ error: { code: 'sign_in_failed' } })
  await waitUntil('it is forgotten', async () => (await running.engines.users.userById(userId)) === undefined)
  await send('POST', '/api/v1/auth/register', { email, password: PASSWORD })
  await waitUntil('the address is free', async () => (await signIn(email)).status === 200)
})

it('answers nonsense on every route with a 4xx and a code, and never with a stack', async () => {
  const somebody = await person('hostile@example.com', 'customer')
  const all = await routes()
  expect(all.length).toBeGreaterThan(40)
  const bodies: readonly string[] = [
    '{"a":',
    'null',
    '[]',
    '"text"',
    JSON.stringify({ name: '\ud800', url: '\ud800', email: '\ud800', password: 'x\0y', reason: '\0\0\0' }),
    '{"name":"\\ud800","url":"http://\\u0000/","schedule":{"kind":"once"},"repetitions":1e999}',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    JSON.stringify({ big: 'x'.repeat(1_100_000) }),
    '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}',
  ]
  for (const { method, path } of all) {
    const tries: (string | undefined)[] = method === 'GET' ? [undefined] : [...bodies]
    const suffixes = method === 'GET' ? ['', '?limit=x&after=%00', '?limit=99999999999999999999'] : ['']
    for (const body of tries) {
      for (const suffix of suffixes) {
        for (const who of [somebody, admin]) {
          const answer = await who.call(method, path + suffix, body)
          const about = `${method} ${path}${suffix} ${body?.slice(0, 60)} -> ${answer.status} ${answer.bytes.subarray(0, 200).toString()}`
          expect(answer.status, about).toBeLessThan(500)
          expect(answer.bytes.toString(), about).not.toMatch(/\n\s+at |node_modules/)
          // The device flow's own routes speak as RFC 8628 says: the code itself stands in `error`.
          if (answer.status >= 400) expect(answer.body.error?.code ?? answer.body.error, about).toBeTypeOf('string')
        }
      }
    }
    if (method === 'GET') continue
    const xml = await somebody.call(method, path, '<a/>', { 'content-type': 'application/xml' })
    expect(xml.status, `${method} ${path} xml`).toBeLessThan(500)
  }
}, 120_000)

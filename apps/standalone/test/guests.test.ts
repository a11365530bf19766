import { authService } from '@quarry/auth'
import { backendService } from '@quarry/backend'
import { coinService } from '@quarry/coin'
import { miningServerService } from '@quarry/mining-server'
import { resultServerService } from '@quarry/result-server'
import { schedulerService } from '@quarry/scheduler'
import { schedulerManagerService } from '@quarry/scheduler-manager'
import { startServices, type RunningServices } from '@quarry/service-kit'
import { testEnv } from '@quarry/testkit'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const DEMO = { email: 'demo@example.com', password: 'plum tree in the rain' }

/** Whoever asks for these is nobody yet, or shows something else than an access token. */
const FOR_STRANGERS = [
  'DELETE /api/v1/auth/token',
  'POST /api/v1/auth/device_authorization',
  'POST /api/v1/auth/device_token',
  'POST /api/v1/auth/elsewhere/finish',
  'POST /api/v1/auth/elsewhere/x/start',
  'POST /api/v1/auth/guest',
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/logout',
  'POST /api/v1/auth/password/forgot',
  'POST /api/v1/auth/password/reset',
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/register',
  'POST /api/v1/auth/token',
  'POST /api/v1/notifications/unsubscribe',
]

interface Answer {
  readonly status: number
  readonly cookie: string
  readonly body: Record<string, unknown> & { readonly error?: { readonly code: string } }
}

let folder: string
let running: RunningServices
let owner: Record<string, string>
let guest: Record<string, string>

async function send(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const response = await fetch(new URL(path, running.url), {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('application/json') === true && text !== ''
  const cookie = response.headers.getSetCookie().map((each) => each.split(';')[0]!)
  const answer: Answer = {
    status: response.status,
    cookie: cookie.filter((each) => !each.endsWith('=')).join('; '),
    body: isJson ? (JSON.parse(text) as Answer['body']) : {},
  }
  return answer
}

const bearerOf = ({ body }: Answer) => ({ authorization: `Bearer ${String(body['accessToken'])}` })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-guests-'))
  const services = [authService, coinService, backendService, schedulerManagerService, schedulerService]
  running = await startServices([...services, miningServerService, resultServerService], {
    env: {
      ...testEnv,
      QUARRY_AUTH_PEPPER: 'test-only pepper of at least thirty-two bytes',
      QUARRY_AUTH_SEALING_KEY: 'test-only sealing key of at least thirty-two bytes',
      QUARRY_INTERNAL_SECRET: 'test-only-internal-secret-of-thirty-two',
      QUARRY_PORT: '0',
      QUARRY_DATA: folder,
      QUARRY_LOG_LEVEL: 'silent',
      QUARRY_GUEST_ACCOUNT: 'Demo@Example.com',
    },
  })
})
afterAll(async () => {
  await running.stop()
  await rm(folder, { recursive: true })
})

/** Every route that the services describe, with something in each place of its path. */
async function routes(): Promise<{ method: string; path: string }[]> {
  const { paths } = (await send('GET', '/api/docs-json')).body as unknown as { paths: Record<string, object> }
  return Object.entries(paths).flatMap(([path, told]) =>
    Object.keys(told).map((method) => ({ method: method.toUpperCase(), path: path.replace(/\{[^}]+\}/g, 'x') })),
  )
}

it('lets nobody in before the account is there', async () => {
  expect((await send('GET', '/api/v1/auth/entrance')).body).toEqual({ providers: [], guests: true })
  expect((await send('POST', '/api/v1/auth/guest')).body.error?.code).toBe('guest_disabled')
  await send('POST', '/api/v1/auth/register', {}, DEMO)
  owner = bearerOf(await send('POST', '/api/v1/auth/login', {}, DEMO))
})

it('lets a guest in without telling whose account it is, again after a reload, and out', async () => {
  const entered = await send('POST', '/api/v1/auth/guest')
  expect(entered.body['user']).toMatchObject({ email: '', guest: true, admin: false })
  guest = bearerOf(entered)
  const again = await send('POST', '/api/v1/auth/refresh', { cookie: entered.cookie })
  expect(again.body['user']).toMatchObject({ guest: true })
  const out = await send('POST', '/api/v1/auth/logout', { cookie: entered.cookie })
  expect([out.status, out.cookie]).toEqual([204, ''])
  expect((await send('POST', '/api/v1/auth/refresh')).body.error?.code).toBe('not_signed_in')
})

it('refuses a guest whatever changes something', async () => {
  const changing = (await routes()).filter(({ method }) => method !== 'GET')
  expect(changing.length).toBeGreaterThan(50)
  const others: string[] = []
  for (const { method, path } of changing) {
    const { status, body } = await send(method, path, guest, {})
    if (body.error?.code === 'guest_read_only') expect([path, status]).toEqual([path, 403])
    else others.push(`${method} ${path}`)
  }
  expect(others.toSorted()).toEqual(FOR_STRANGERS)
})

it('shows a guest orders and coins, and nothing of the owner', async () => {
  const seen: string[] = []
  for (const { path } of (await routes()).filter(({ method }) => method === 'GET')) {
    const { status, body } = await send('GET', path, guest)
    expect([path, status < 500]).toEqual([path, true])
    expect([path, JSON.stringify(body).includes(DEMO.email)]).toEqual([path, false])
    if (status === 200) seen.push(path)
  }
  expect(seen).toEqual(expect.arrayContaining(['/api/v1/orders', '/api/v1/orders/summary', '/api/v1/coins/balance']))
  for (const path of ['account', 'sessions', 'tokens', 'links'])
    expect((await send('GET', `/api/v1/auth/${path}`, guest)).body.error?.code).toBe('guest_read_only')
  expect((await send('GET', '/api/v1/auth/account', owner)).status).toBe(200)
})

it('lets nobody into the account of an administrator, nor into one that is shut', async () => {
  const { user } = (await send('GET', '/api/v1/auth/account', owner)).body as { user: { userId: string } }
  const { operator } = running.engines
  await operator.setAdmin(user.userId, true)
  expect((await send('POST', '/api/v1/auth/guest')).body.error?.code).toBe('guest_disabled')
  await operator.setAdmin(user.userId, false)
  expect((await send('POST', '/api/v1/auth/guest')).status).toBe(200)
  const internal = { authorization: 'Bearer test-only-internal-secret-of-thirty-two' }
  await send('POST', '/internal/accounts/set-state', internal, { userId: user.userId, state: 'disabled' })
  expect((await send('POST', '/api/v1/auth/guest')).body.error?.code).toBe('guest_disabled')
  expect((await send('GET', '/api/v1/orders', guest)).body.error?.code).toBe('token_invalid')
})

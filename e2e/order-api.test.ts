import { LIVE_PATH, type ErrorBody, type OrderView } from '@quarry/contracts'
import { AppProcess, testEnv, TokenIssuer, waitUntil } from '@quarry/testkit'
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: Record<string, unknown> & Partial<ErrorBody>
}

const MINUTE_MS = 60_000
const ORDERS = '/api/v1/orders'
const ALL = ['orders:read', 'orders:write', 'results:read'] as const

let folder: string
let issuer: TokenIssuer
let market: AppProcess
let url: string
let users = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-api-'))
  issuer = await TokenIssuer.start()
  const services = 'coin,backend,scheduler-manager,scheduler'
  market = new AppProcess('standalone', ['--data', folder, '--port', '0', '--service', services], {
    env: { ...testEnv, QUARRY_ALLOW_ADDRESSES: '', QUARRY_MIN_INTERVAL_MS: '10000', QUARRY_AUTH_URL: issuer.url },
  })
  url = (await market.line(/Running .* at (http\S+)/))[1]!
  await waitUntil('the scheduler has its shard', async () => (await fetch(new URL('/readyz', url))).ok)
})

afterAll(async () => {
  await market.kill()
  await issuer.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Somebody with coins, and the calls they make. */
async function customer(coins = 100) {
  const userId = `user-${users++}`
  const token = await issuer.token(userId, ALL)
  const call = (path: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) =>
    send(path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })
  if (coins > 0) await call('/api/v1/coins/faucet', { body: { amountCoins: coins } })
  return {
    userId,
    token,
    call,
    place: async (more: object = {}) => (await call(ORDERS, { body: wish(more) })).body as unknown as OrderView,
    /** All that a refused call must leave as it was. */
    written: async () => [(await call(`${ORDERS}?limit=200`)).text, (await call('/api/v1/coins/journal')).text],
  }
}

async function send(
  path: string,
  init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { body } = init
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(new URL(path, url), {
    method: init.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...init.headers },
    ...(body !== undefined && { body: (raw ? body : JSON.stringify(body)) as string }),
  })
  const text = await response.text()
  return { status: response.status, text, body: asJson(text) }
}

function asJson(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return {}
  }
}

function wish(more: object = {}) {
  const schedule = { kind: 'interval', startAt: Date.now() + MINUTE_MS, intervalMs: MINUTE_MS }
  return { url: 'https://example.org/page', schedule, repetitions: 5, priceCoins: 2, ...more }
}

const codeOf = ({ status, body }: Answer) => [status, body.error?.code]

describe('an order', () => {
  test('is previewed, placed, shown and listed; its coins are in escrow', async () => {
    const anna = await customer()
    const asked = wish({ name: 'weather' })
    expect((await anna.call(`${ORDERS}/preview`, { body: asked })).body).toMatchObject({
      costCoins: 10,
      balanceCoins: 100,
    })
    const placed = await anna.call(ORDERS, { body: asked })
    expect(placed).toMatchObject({
      status: 201,
      body: { name: 'weather', state: 'active', coins: { paidIn: 10, inEscrow: 10 } },
    })
    expect((await anna.call(`${ORDERS}/${String(placed.body.id)}`)).body).toEqual(placed.body)
    expect((await anna.call(ORDERS)).body).toEqual({ items: [placed.body] })
    expect((await anna.call('/api/v1/coins/journal')).body).toMatchObject({
      items: [{ kind: 'escrow', amountCoins: -10 }, { kind: 'mint' }],
    })
  })

  test('is paused, resumed, run now and cancelled; the coins of what never ran come back once', async () => {
    const anna = await customer()
    const { id } = await anna.place()
    expect((await anna.call(`${ORDERS}/${id}/pause`, { body: { reason: 'later' } })).body).toMatchObject({
      state: 'paused',
      reason: 'later',
    })
    expect((await anna.call(`${ORDERS}/${id}/resume`, { body: {} })).body).toMatchObject({ state: 'active' })
    expect((await anna.call(`${ORDERS}/${id}/run-now`, { method: 'POST' })).body).toMatchObject({ state: 'active' })
    expect((await anna.call(`${ORDERS}/${id}/cancel`, { body: {} })).body).toMatchObject({
      refundedCoins: 8,
      order: { state: 'cancelled' },
    })
    expect((await anna.call(`${ORDERS}/${id}/cancel`, { body: {} })).body).toMatchObject({ refundedCoins: 8 })
    await waitUntil(
      'the coins are back',
      async () => (await anna.call('/api/v1/coins/balance')).body.availableCoins === 98,
    )
    expect(codeOf(await anna.call(`${ORDERS}/${id}/resume`, { body: {} }))).toEqual([409, 'wrong_state'])
  })

  test('sent twenty times at once under one key is one order, and another under it is refused', async () => {
    const anna = await customer()
    const body = wish()
    const headers = { 'idempotency-key': 'twenty' }
    const all = await Promise.all(Array.from({ length: 20 }, () => anna.call(ORDERS, { body, headers })))
    expect(new Set(all.map((answer) => answer.body.id)).size).toBe(1)
    expect((await anna.call('/api/v1/coins/balance')).body.availableCoins).toBe(90)
    expect(codeOf(await anna.call(ORDERS, { body: { ...body, repetitions: 6 }, headers }))).toEqual([
      409,
      'idempotency_mismatch',
    ])
  })
})

describe('bad input is told field by field, and nothing is written', () => {
  const startAt = Date.now() - 3_600_000
  const interval = (intervalMs: unknown, more: object = {}) => ({ schedule: { kind: 'interval', intervalMs, ...more } })
  test.each<[string, object, string, string]>([
    ['no URL at all', { url: 'nonsense' }, 'invalid_input', 'url'],
    ['a scheme of another world', { url: 'ftp://example.org/' }, 'invalid_input', 'url'],
    ['a private address', { url: 'http://192.168.0.1/' }, 'address_forbidden', 'url'],
    ['loopback in disguise', { url: 'http://0x7f.1/' }, 'address_forbidden', 'url'],
    ['loopback as IPv6', { url: 'http://[::ffff:127.0.0.1]/' }, 'address_forbidden', 'url'],
    ['metadata', { url: 'http://169.254.169.254/latest' }, 'address_forbidden', 'url'],
    ['another port', { url: 'http://example.org:22/' }, 'address_forbidden', 'url'],
    ['an interval too short', interval(9_999), 'invalid_input', 'schedule.intervalMs'],
    ['an interval that is text', interval('60000'), 'invalid_input', 'schedule.intervalMs'],
    ['a start in the past', interval(MINUTE_MS, { startAt }), 'invalid_input', 'schedule.startAt'],
    ['no repetition', { repetitions: 0 }, 'invalid_input', 'repetitions'],
    ['too many repetitions', { repetitions: 1_000_001 }, 'invalid_input', 'repetitions'],
    ['half a repetition', { repetitions: 1.5 }, 'invalid_input', 'repetitions'],
    ['a price below one', { priceCoins: 0 }, 'invalid_input', 'priceCoins'],
    [
      'a cron that is none',
      { schedule: { kind: 'cron', expression: 'often', timeZone: 'UTC' } },
      'invalid_input',
      'schedule.expression',
    ],
    [
      'a place without time',
      { schedule: { kind: 'cron', expression: '0 0 * * *', timeZone: 'Nowhere/At_All' } },
      'invalid_input',
      'schedule.timeZone',
    ],
    ['more than one has', { repetitions: 1000 }, 'not_enough_coins', 'repetitions'],
    ['a field that is none', { colour: 'red' }, 'invalid_input', '(body)'],
  ])('%s', async (_, more, code, field) => {
    const anna = await customer()
    const before = await anna.written()
    const answer = await anna.call(ORDERS, { body: wish(more) })
    expect(answer.body.error).toMatchObject({ code, fields: [{ field, problem: expect.any(String) as string }] })
    expect(answer.status).toBe(code === 'not_enough_coins' ? 402 : 400)
    expect(await anna.written()).toEqual(before)
  })

  test('malformed, oversized and odd bodies', async () => {
    const anna = await customer()
    const before = await anna.written()
    const json = { 'content-type': 'application/json' }
    expect(codeOf(await anna.call(ORDERS, { body: '{"url":' }))).toEqual([400, 'malformed_json'])
    expect(codeOf(await anna.call(ORDERS, { body: '', method: 'POST' }))).toEqual([400, 'malformed_json'])
    expect(codeOf(await anna.call(ORDERS, { body: `"${'x'.repeat(2 ** 20)}"` }))).toEqual([413, 'body_too_large'])
    expect(codeOf(await anna.call(ORDERS, { body: 'url=1', headers: { 'content-type': 'text/csv' } }))).toEqual([
      415,
      'unsupported_media_type',
    ])
    expect(codeOf(await anna.call(ORDERS, { body: '[]', headers: json }))).toEqual([400, 'invalid_input'])
    expect(codeOf(await anna.call(ORDERS, { body: 'null', headers: json }))).toEqual([400, 'invalid_input'])
    expect((await anna.call(ORDERS, { body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), headers: json })).status).toBe(
      400,
    )
    expect(codeOf(await anna.call(ORDERS, { body: wish(), headers: { 'idempotency-key': 'x'.repeat(201) } }))).toEqual([
      400,
      'invalid_input',
    ])
    expect(codeOf(await anna.call(`${ORDERS}?limit=201`))).toEqual([400, 'invalid_input'])
    expect(await anna.written()).toEqual(before)
  })
})

describe('strangers', () => {
  test('an order of somebody else is as one that is not there, for every call', async () => {
    const [anna, bert] = [await customer(), await customer()]
    const { id } = await anna.place()
    const before = await anna.written()
    for (const order of [id, 'o00000000000000000000000000000000']) {
      for (const [action, method] of [
        ['', 'GET'],
        ['/pause', 'POST'],
        ['/resume', 'POST'],
        ['/run-now', 'POST'],
        ['/cancel', 'POST'],
        ['/runs', 'GET'],
        ['/runs/0/body', 'GET'],
        ['/runs/0/preview', 'GET'],
      ] as const) {
        const answer = await bert.call(`${ORDERS}/${order}${action}`, { method })
        expect(codeOf(answer), action).toEqual([404, 'order_not_found'])
        expect(answer.body.error?.fields).toMatchObject([{ field: 'orderId', allowed: expect.any(String) as string }])
      }
    }
    expect(await anna.written()).toEqual(before)
  })

  test('without a token, with an expired one, or one of another issuer, nothing is done', async () => {
    const anna = await customer()
    const before = await anna.written()
    const foreign = await TokenIssuer.start()
    const expired = await issuer.token(anna.userId, ALL, { lifeMs: -60_000 })
    const tokens = {
      token_expired: expired,
      token_invalid: await foreign.token(anna.userId, ALL),
      scope_missing: await issuer.token(anna.userId, ['orders:read']),
    }
    for (const [code, token] of Object.entries(tokens)) {
      const answer = await send(ORDERS, { body: wish(), headers: { authorization: `Bearer ${token}` } })
      expect(codeOf(answer)).toEqual([code === 'scope_missing' ? 403 : 401, code])
    }
    expect(codeOf(await send(ORDERS, { body: wish() }))).toEqual([401, 'not_signed_in'])
    expect(codeOf(await anna.call('/internal/coins/apply', { body: { transfers: [] } }))).toEqual([403, 'forbidden'])
    expect(await anna.written()).toEqual(before)
    await foreign.stop()
  })
})

test('whatever is sent to whatever address, the answer is a code and never a fault of ours', async () => {
  const anna = await customer()
  const { id } = await anna.place()
  const paths = [
    '',
    '/preview',
    `/${id}`,
    `/${id}/pause`,
    `/${id}/resume`,
    `/${id}/run-now`,
    `/${id}/runs`,
    `/${id}/runs/0/body`,
    '/../coins/faucet',
    '/../coins/journal',
    '/../coins/balance',
    '/%00',
    '/%ff',
    '/../../../internal/coins/apply',
  ]
  const like = fc.record(
    {
      url: fc.oneof(fc.webUrl(), fc.string()),
      schedule: fc.oneof(
        fc.record(
          {
            kind: fc.constantFrom('once', 'interval', 'cron'),
            startAt: fc.anything(),
            intervalMs: fc.anything(),
            expression: fc.string(),
            timeZone: fc.string(),
          },
          { requiredKeys: ['kind'] },
        ),
        fc.anything(),
      ),
      repetitions: fc.anything(),
      priceCoins: fc.anything(),
      name: fc.anything(),
    },
    { requiredKeys: [] },
  )
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    like.map(
      (one) => JSON.stringify(one, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? '',
    ),
  )
  const type = fc.constantFrom(
    'application/json',
    'application/json; charset=utf-16',
    'text/plain',
    'multipart/form-data',
    'x',
  )
  const query = fc.oneof(
    fc.constant(''),
    fc.webQueryParameters().map((text) => `?${text}`),
    fc.string().map((text) => `?limit=${encodeURIComponent(text)}&after=${encodeURIComponent(text)}`),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      query,
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
      body,
      type,
      async (...[path, search, method, sent, contentType]) => {
        const bodied = method === 'GET' ? {} : { body: sent, headers: { 'content-type': contentType } }
        const answer = await anna.call(`${ORDERS}${path}${search}`, { method, ...bodied })
        expect(answer.status, answer.text).toBeLessThan(500)
        if (answer.status >= 400) expect(answer.body.error?.code).toEqual(expect.any(String))
        expect(answer.text).not.toMatch(/\bat .+:\d+:\d+|node_modules|SQLITE/)
      },
    ),
    { numRuns: 500 },
  )
})

test('the description names the body of every order route', async () => {
  const { paths } = (await send('/api/docs-json')).body as unknown as {
    paths: Record<string, Record<string, { requestBody?: object }>>
  }
  for (const path of ['/api/v1/orders', '/api/v1/orders/preview']) {
    const text = JSON.stringify(paths[path]?.post?.requestBody)
    for (const field of ['url', 'schedule', 'intervalMs', 'repetitions', 'priceCoins'])
      expect(text, path).toContain(`"${field}"`)
  }
  expect(JSON.stringify(paths['/api/v1/orders/{orderId}/pause']?.post?.requestBody)).toContain('"reason"')
})

describe('live updates', () => {
  function listen(token: string, headers: Record<string, string> = {}) {
    const socket = io(url, {
      path: LIVE_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token },
      extraHeaders: headers,
    })
    const heard: { events: string[]; refused: string[] } = { events: [], refused: [] }
    socket.on('event', ({ kind }: { kind: string }) => heard.events.push(kind))
    socket.on('refused', ({ error }: ErrorBody) => heard.refused.push(error.code))
    socket.on('connect_error', () => heard.refused.push('connect_error'))
    return { socket, heard }
  }

  test('reach the user whose order changed, and nobody else', async () => {
    const [anna, bert] = [await customer(), await customer()]
    const [annas, berts] = [listen(anna.token), listen(bert.token)]
    await waitUntil('both are connected', () => annas.socket.connected && berts.socket.connected)
    await anna.place()
    await waitUntil(
      'the news arrive',
      () => annas.heard.events.includes('order-changed') && annas.heard.events.includes('balance-changed'),
    )
    await bert.call('/api/v1/coins/faucet', { body: { amountCoins: 1 } })
    await waitUntil("Bert's own news arrive", () => berts.heard.events.includes('balance-changed'))
    expect(berts.heard.events).not.toContain('order-changed')
    for (const { socket } of [annas, berts]) socket.disconnect()
  })

  test('end with the token, and are not for other sites or for nobody', async () => {
    const anna = await customer(0)
    const short = listen(await issuer.token(anna.userId, ALL, { lifeMs: 1500 }))
    await waitUntil('it is connected', () => short.socket.connected)
    await waitUntil('it is ended', () => short.socket.disconnected && short.heard.refused.length > 0)
    expect(short.heard.refused).toEqual(['token_expired'])
    const foreign = listen(anna.token, { origin: 'https://evil.example' })
    const nobody = listen('no token')
    await waitUntil('both are refused', () => foreign.heard.refused.length > 0 && nobody.heard.refused.length > 0)
    expect([foreign.socket.connected, nobody.socket.connected]).toEqual([false, false])
  })
})

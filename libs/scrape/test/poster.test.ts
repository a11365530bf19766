import type { LookupAddress } from 'node:dns'
import { expect, it, onTestFinished } from 'vitest'
import { createPoster, type Poster, type PosterOptions } from '../src/index.ts'
import { listOf, startRawSite, startSite } from './sites.ts'

function open(options: Partial<PosterOptions> = {}): Poster {
  const poster = createPoster({
    allow: listOf('127.0.0.0/8'),
    http: true,
    userAgent: 'Tester',
    now: () => Date.UTC(2026, 0, 1),
    ...options,
  })
  onTestFinished(() => poster.close())
  return poster
}

const message = { headers: { 'webhook-id': 'm1' }, body: '{"a":"ü"}' }

it('posts the bytes of the body with its headers and tells the status', async () => {
  const heard: unknown[] = []
  const site = await startSite((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8')))
    request.on('end', () => {
      heard.push([request.method, request.url, request.headers['webhook-id'], request.headers['content-type'], body])
      response.writeHead(202).end('x'.repeat(100_000))
    })
  })
  const answer = await open().post({ ...message, url: `${site.url}/hook?x=1` })
  expect(answer).toEqual({ durationMs: expect.any(Number) as number, status: 202 })
  expect(heard).toEqual([['POST', '/hook?x=1', 'm1', 'application/json', '{"a":"ü"}']])
})

it.each([
  'http://127.0.0.1/',
  'http://[::1]/',
  'http://0x7f.1/',
  'http://localhost/',
  'http://10.0.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:7f00:1]/',
  'ftp://shop.example/',
  'http://user:pw@shop.example/',
  'http://shop.example:8080/',
  'no url',
])('refuses %s before anything is sent', async (url) => {
  const lookup = () => Promise.reject(new Error('must not be asked'))
  const poster = open({ allow: listOf(''), lookup })
  expect(poster.check(url).ok).toBe(false)
  expect(await poster.post({ ...message, url })).toMatchObject({ error: expect.any(String) as string })
})

it('takes https only, unless the operator allows http', () => {
  expect(open({ http: false }).check('http://shop.example/')).toEqual({
    ok: false,
    error: 'Only https is allowed here.',
  })
  expect(open({ http: false }).check('https://shop.example/').ok).toBe(true)
})

it('connects to the checked address itself, and checks anew when it connects anew: rebinding cannot pass', async () => {
  let hits = 0
  const site = await startSite((_request, response) => {
    hits += 1
    response.setHeader('connection', 'close').end()
  })
  let asked = 0
  const lookup = (): Promise<LookupAddress[]> => {
    asked += 1
    return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }])
  }
  const poster = open({ allow: listOf('10.0.0.0/8,127.0.0.1'), lookup })
  const url = `http://rebind.example:${site.port}/`
  expect(await poster.post({ ...message, url })).toMatchObject({ status: 200 })
  expect(asked).toBe(1)
  const second = await poster.post({ ...message, url })
  expect(second.error).toBe('The host is not on the public internet.')
  expect(second.error).not.toContain('127.')
  expect(hits).toBe(1)
})

it('follows no redirect', async () => {
  let hits = 0
  const secret = await startSite((_request, response) => {
    hits += 1
    response.end()
  })
  const site = await startSite((_request, response) => response.writeHead(307, { location: secret.url }).end())
  expect(await open().post({ ...message, url: site.url })).toMatchObject({ status: 307 })
  expect(hits).toBe(0)
})

it.each([
  ['120', 120_000],
  ['Thu, 01 Jan 2026 00:10:00 GMT', 600_000],
])('tells Retry-After: %s', async (value, retryAfterMs) => {
  const site = await startSite((_request, response) => response.writeHead(503, { 'retry-after': value }).end())
  expect(await open().post({ ...message, url: site.url })).toMatchObject({ status: 503, retryAfterMs })
})

it('gives up on a side that does not answer, and does not wait for a body that never ends', async () => {
  const silent = await startRawSite(() => undefined)
  expect(await open({ totalMs: 100 }).post({ ...message, url: silent.url })).toMatchObject({
    error: 'No answer within 0.1 seconds.',
  })
  const endless = await startRawSite((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'),
  )
  expect(await open({ totalMs: 100 }).post({ ...message, url: endless.url })).toMatchObject({ status: 200 })
})

it('says in words that nobody listens', async () => {
  const answer = await open().post({ ...message, url: 'http://127.0.0.1:9/' })
  expect(answer.error).toBe('The site refused the connection.')
})

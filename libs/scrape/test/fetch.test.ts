import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { FetchResult } from '../src/index.ts'
import { openFetcher, startSite } from './sites.ts'

type Page = Extract<FetchResult, { kind: 'page' }>

function pageOf(result: FetchResult): Page {
  if (result.kind === 'failure') throw new Error(`${result.failure.reason}: ${result.failure.detail}`)
  return result
}

function textOf(result: FetchResult): string {
  return Buffer.from(pageOf(result).body).toString()
}

describe('a fetch', () => {
  it('brings status, headers as they came, final URL, timings and body', async () => {
    const site = await startSite((request, response) => {
      response.writeHead(200, [
        'X-Odd-Case',
        'Käse',
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'Content-Type',
        'text/html',
      ])
      response.end(`${request.method} ${request.url} ${request.headers['user-agent']}`)
    })
    const result = pageOf(await openFetcher().fetch({ url: `${site.url}/shop?q=1#part`, hostGapMs: 0 }))
    expect(result.page).toMatchObject({ kind: 'page', status: 200, finalUrl: `${site.url}/shop?q=1`, redirects: [] })
    expect(result.page.headers.slice(0, 4)).toEqual([
      ['X-Odd-Case', 'Käse'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Type', 'text/html'],
    ])
    expect(textOf(result)).toBe('GET /shop?q=1 QuarryBot/0.1 (+https://quarry.example/bot)')
    expect(result.page.timings.totalMs).toBeGreaterThanOrEqual(result.page.timings.firstByteMs)
    expect(result.host).toEqual({ extraRequests: 1 })
  })

  it('uses one connection for robots.txt, redirects and pages', async () => {
    const ports = new Set<number>()
    const site = await startSite((request, response) => {
      ports.add(request.socket.remotePort!)
      if (request.url === '/from') response.writeHead(302, { location: '/to' }).end('moved')
      else response.end('here')
    })
    const fetcher = openFetcher()
    for (let round = 0; round < 3; round += 1) await fetcher.fetch({ url: `${site.url}/from`, hostGapMs: 0 })
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it.each([200, 201, 204, 206, 300, 304, 400, 403, 404, 410, 451])('delivers a %i as a page', async (status) => {
    const site = await startSite((_request, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(),
    )
    const result = pageOf(await openFetcher().fetch({ url: site.url, hostGapMs: 0 }))
    expect([result.page.status, result.body.byteLength]).toEqual([status, 0])
  })

  it.each([500, 502, 503, 599, 999])('calls a %i a failure of the server', async (status) => {
    const site = await startSite((_request, response) =>
      response.writeHead(status, { 'retry-after': '7' }).end('x'.repeat(1e6)),
    )
    const result = await openFetcher().fetch({ url: site.url, hostGapMs: 0 })
    expect(result).toMatchObject({ kind: 'failure', failure: { reason: 'server_error', status, retryAfterMs: 7000 } })
  })

  it('reports a 429 with its Retry-After, as seconds or as a date', async () => {
    const at = new Date(Date.now() + 90_000).toUTCString()
    const site = await startSite((request, response) => {
      response.writeHead(429, { 'retry-after': request.url === '/date' ? at : '120' }).end()
    })
    const fetcher = openFetcher()
    expect(await fetcher.fetch({ url: site.url, hostGapMs: 0 })).toMatchObject({
      failure: { reason: 'rate_limited', status: 429, retryAfterMs: 120_000 },
    })
    const dated = await fetcher.fetch({ url: `${site.url}/date`, hostGapMs: 0 })
    const waitMs = dated.kind === 'failure' ? (dated.failure.retryAfterMs ?? 0) : 0
    expect(waitMs).toBeGreaterThan(60_000)
    expect(waitMs).toBeLessThanOrEqual(90_000)
  })

  it('makes a request line of no URL that smuggles one', async () => {
    const seen: string[] = []
    const site = await startSite((request, response) => {
      seen.push(`${request.url} ${JSON.stringify(Object.keys(request.headers).sort())}`)
      response.end()
    })
    const fetcher = openFetcher()
    const smuggled = `${site.url}/a\r\nX-Evil: 1\r\n\r\nGET /b HTTP/1.1`
    await fetcher.fetch({ url: smuggled, hostGapMs: 0 })
    await fetcher.fetch({ url: `${site.url}/c%0d%0aX-Evil:%201`, hostGapMs: 0 })
    const headers = '["accept","accept-encoding","connection","host","user-agent"]'
    expect(seen).toEqual([`/aX-Evil:%201GET%20/b%20HTTP/1.1 ${headers}`, `/c%0d%0aX-Evil:%201 ${headers}`])
  })

  it('rejects with the reason of the caller that aborts, at once', async () => {
    const site = await startSite(() => undefined)
    const controller = new AbortController()
    const fetching = openFetcher().fetch({ url: site.url, hostGapMs: 0, signal: controller.signal })
    setTimeout(() => controller.abort(new Error('changed my mind')), 20)
    await expect(fetching).rejects.toThrow('changed my mind')
    await expect(openFetcher().fetch({ url: site.url, hostGapMs: 0, signal: controller.signal })).rejects.toThrow(
      'changed',
    )
  })

  it('asks again when a kept connection turns out to be closed', async () => {
    let answers = 0
    const site = await startSite((request, response) => {
      answers += 1
      if (answers === 2) request.socket.destroy()
      else response.end(String(answers))
    })
    const fetcher = openFetcher()
    expect(textOf(await fetcher.fetch({ url: site.url, hostGapMs: 0 }))).toBe('1')
    // The first connection is free again after a turn of the event loop; a fresh one is not tried twice.
    await setImmediate()
    expect(textOf(await fetcher.fetch({ url: site.url, hostGapMs: 0 }))).toBe('3')
  })

  it('keeps concurrent pages of one site apart', async () => {
    const site = await startSite((request, response) => {
      setTimeout(() => response.end(request.url!.repeat(5000)), Number(request.url!.slice(1)) % 7)
    })
    const fetcher = openFetcher()
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) => fetcher.fetch({ url: `${site.url}/${index}`, hostGapMs: 0 })),
    )
    results.forEach((result, index) => {
      const expected = createHash('sha256').update(`/${index}`.repeat(5000)).digest('hex')
      expect(createHash('sha256').update(pageOf(result).body).digest('hex')).toBe(expected)
    })
    expect(results.reduce((sum, result) => sum + result.host.extraRequests, 0)).toBe(1)
  })
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows a %i, and records where from', async (status) => {
    const site = await startSite((request, response) => {
      if (request.url === '/old') response.writeHead(status, { location: '../new#there' }).end('moved')
      else response.end('new page')
    })
    const result = pageOf(await openFetcher().fetch({ url: `${site.url}/old`, hostGapMs: 0 }))
    expect(textOf(result)).toBe('new page')
    expect(result.page).toMatchObject({ finalUrl: `${site.url}/new`, redirects: [{ status, url: `${site.url}/old` }] })
    expect(result.host.extraRequests).toBe(2)
  })

  it('takes five, not six', async () => {
    let asked = 0
    const site = await startSite((request, response) => {
      asked += 1
      const left = Number(request.url!.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    const fetcher = openFetcher()
    expect(pageOf(await fetcher.fetch({ url: `${site.url}/5`, hostGapMs: 0 })).page.redirects).toHaveLength(5)
    asked = 0
    expect(await fetcher.fetch({ url: `${site.url}/6`, hostGapMs: 0 })).toMatchObject({
      failure: { reason: 'too_many_redirects' },
      host: { extraRequests: 5 },
    })
    expect(asked).toBe(6)
  })

  it('ends a loop', async () => {
    const site = await startSite((_request, response) => response.writeHead(301, { location: '/' }).end())
    expect(await openFetcher().fetch({ url: site.url, hostGapMs: 0 })).toMatchObject({
      failure: { reason: 'too_many_redirects', fault: 'target' },
    })
  })

  it.each([
    undefined,
    '',
    'http://',
    'http://a b/',
    'ftp://example.com/',
    'javascript:alert(1)',
    'http://user:pw@example.com/',
    `/${'x'.repeat(9000)}`,
  ])('calls a redirect to "%s" bad', async (location) => {
    const site = await startSite((_request, response) => {
      response.writeHead(302, location === undefined ? {} : { location }).end()
    })
    expect(await openFetcher().fetch({ url: site.url, hostGapMs: 0 })).toMatchObject({
      failure: { reason: 'bad_redirect' },
    })
  })

  it('waits the gap between requests to one host, and only there', async () => {
    const waits: number[] = []
    const clock = {
      now: () => 0,
      after: (delayMs: number, action: () => void) => {
        waits.push(delayMs)
        queueMicrotask(action)
        return () => undefined
      },
    }
    const other = await startSite((_request, response) => response.end('other'))
    const site = await startSite((request, response) => {
      response.writeHead(302, { location: request.url === '/1' ? '/2' : other.url }).end()
    })
    const fetcher = openFetcher({ clock })
    const request = { url: `${site.url}/1`, hostGapMs: 1500 }
    expect(textOf(await fetcher.fetch(request))).toBe('other')
    // robots.txt → page → redirect on the host; robots.txt → page on the other host.
    expect(waits).toEqual([1500, 1500, 1500])
    waits.length = 0
    await fetcher.fetch(request)
    expect(waits).toEqual([1500])
  })
})

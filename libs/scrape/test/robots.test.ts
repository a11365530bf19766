import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { FetchResult } from '../src/index.ts'
import { openFetcher, startSite } from './sites.ts'

function reasonOf(result: FetchResult): string {
  return result.kind === 'failure' ? result.failure.reason : `page ${result.page.status}`
}

/** A site with this robots.txt, and the paths it was asked for. */
async function siteWith(robots: RequestListener) {
  const asked: string[] = []
  const site = await startSite(
    (request, response) => {
      asked.push(request.url!)
      if (request.url === '/to-private') response.writeHead(302, { location: '/private' }).end()
      else response.end('page')
    },
    (request, response) => {
      asked.push(request.url!)
      robots(request, response)
    },
  )
  return { site, asked }
}

describe('robots.txt of a site', () => {
  it('is asked once, obeyed, and its delay reported', async () => {
    const { site, asked } = await siteWith((_request, response) => {
      response.end('User-agent: quarrybot\nDisallow: /private\nCrawl-delay: 2.5\n')
    })
    const fetcher = openFetcher()
    const fetch = (path: string) => fetcher.fetch({ url: site.url + path, hostGapMs: 0 })
    expect(await fetch('/open')).toMatchObject({ kind: 'page', host: { crawlDelayMs: 2500, extraRequests: 1 } })
    expect(await fetch('/private/x')).toMatchObject({
      failure: { reason: 'robots_forbidden', fault: 'target' },
      host: { crawlDelayMs: 2500, extraRequests: 0 },
    })
    expect(reasonOf(await fetch('/to-private'))).toBe('robots_forbidden')
    expect(asked).toEqual(['/robots.txt', '/open', '/to-private'])
  })

  it.each([401, 403, 404, 410])('allows everything with a %i', async (status) => {
    const { site } = await siteWith((_request, response) =>
      response.writeHead(status).end('User-agent: *\nDisallow: /'),
    )
    expect(reasonOf(await openFetcher().fetch({ url: site.url, hostGapMs: 0 }))).toBe('page 200')
  })

  it.each([
    [500, 'robots_forbidden'],
    [503, 'robots_forbidden'],
    [429, 'rate_limited'],
  ])('closes the site for a while with a %i', async (status, reason) => {
    const { site, asked } = await siteWith((_request, response) =>
      response.writeHead(status, { 'retry-after': '30' }).end(),
    )
    let now = 0
    const clock = { now: () => now, after: () => () => undefined }
    const fetcher = openFetcher({ clock })
    const fetch = () => fetcher.fetch({ url: site.url, hostGapMs: 0 })
    expect(await fetch()).toMatchObject({ failure: { reason, status, retryAfterMs: 30_000 } })
    await fetch()
    expect(asked).toEqual(['/robots.txt'])
    now = 60_001
    await fetch()
    expect(asked).toEqual(['/robots.txt', '/robots.txt'])
  })

  it('closes the site when it cannot be had', async () => {
    let pages = 0
    const silent = await startSite(
      () => (pages += 1),
      () => undefined,
    )
    const cut = await startSite(
      () => (pages += 1),
      (request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('User-agent: *')
        request.socket.end()
      },
    )
    const fetcher = openFetcher({ limits: { firstByteMs: 100 } })
    expect(reasonOf(await fetcher.fetch({ url: silent.url, hostGapMs: 0 }))).toBe('timed_out')
    expect(reasonOf(await fetcher.fetch({ url: cut.url, hostGapMs: 0 }))).toBe('cut_off')
    expect(pages).toBe(0)
  })

  it('is followed through five redirects, to other hosts too, but to no forbidden address', async () => {
    const other = await startSite((_request, response) => response.end('User-agent: *\nDisallow: /private'))
    const hops =
      (last: string): RequestListener =>
      (_request, response) =>
        response.writeHead(301, { location: last }).end()
    const moved = await siteWith(hops(`${other.url}/their-robots`))
    const bad = await siteWith(hops('http://10.0.0.1/robots.txt'))
    const looping = await siteWith(hops('/robots.txt'))
    const fetcher = openFetcher()
    const fetch = (url: string) => fetcher.fetch({ url: `${url}/private`, hostGapMs: 0 })
    expect(reasonOf(await fetch(moved.site.url))).toBe('robots_forbidden')
    expect(reasonOf(await fetch(bad.site.url))).toBe('address_forbidden')
    expect(reasonOf(await fetch(looping.site.url))).toBe('page 200')
    expect(looping.asked).toHaveLength(7)
  })

  it('is read up to 500 KiB, compressed or not', async () => {
    const head = 'User-agent: *\nDisallow: /private\n'
    const long = head + '# filler\n'.repeat(2_000_000)
    const plain = await siteWith((_request, response) => response.end(long))
    const packed = await siteWith((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(long))
    })
    const late = await siteWith((_request, response) => response.end(`${'# filler\n'.repeat(60_000)}${head}`))
    const fetcher = openFetcher()
    const fetch = (url: string) => fetcher.fetch({ url: `${url}/private`, hostGapMs: 0 })
    expect(reasonOf(await fetch(plain.site.url))).toBe('robots_forbidden')
    expect(reasonOf(await fetch(packed.site.url))).toBe('robots_forbidden')
    expect(reasonOf(await fetch(late.site.url))).toBe('page 200')
  })

  it('goes on for others when the one that asked is aborted', async () => {
    const { site, asked } = await siteWith((_request, response) => setTimeout(() => response.end(), 100))
    const fetcher = openFetcher()
    const controller = new AbortController()
    const first = fetcher.fetch({ url: site.url, hostGapMs: 0, signal: controller.signal })
    const second = fetcher.fetch({ url: `${site.url}/second`, hostGapMs: 0 })
    controller.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    expect(reasonOf(await second)).toBe('page 200')
    expect(asked).toEqual(['/robots.txt', '/second'])
  })
})

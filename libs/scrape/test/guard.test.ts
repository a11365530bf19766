import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import type { FetchResult, Lookup } from '../src/index.ts'
import { listOf, openFetcher, startSite } from './sites.ts'

function address(ip: string): LookupAddress {
  return { address: ip, family: ip.includes(':') ? 6 : 4 }
}

function reasonOf(result: FetchResult): string {
  return result.kind === 'failure' ? result.failure.reason : `page ${result.page.status}`
}

const forbidden = { kind: 'failure', failure: { reason: 'address_forbidden', fault: 'target' } }

describe('the address guard', () => {
  it.each([
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
    'a.localhost',
    '10.0.0.1',
    '169.254.169.254',
  ])('does not reach %s without leave', async (host) => {
    const fetcher = openFetcher({ allow: listOf('') })
    expect(await fetcher.fetch({ url: `http://${host}/`, hostGapMs: 0 })).toMatchObject(forbidden)
  })

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'data:,x',
    'no url',
    'http://user:pw@example.com/',
    'http://example.com:8080/',
  ])('refuses %s', async (url) => {
    const lookup: Lookup = () => Promise.reject(new Error('must not be asked'))
    expect(await openFetcher({ lookup }).fetch({ url, hostGapMs: 0 })).toMatchObject(forbidden)
  })

  it('refuses a name with one private address among public ones, and says no address', async () => {
    let hits = 0
    const site = await startSite((_request, response) => {
      hits += 1
      response.end('secret')
    })
    const lookup: Lookup = () => Promise.resolve([address('93.184.216.34'), address('127.0.0.1')])
    const fetcher = openFetcher({ allow: listOf(''), ports: 'any', lookup })
    const result = await fetcher.fetch({ url: `http://shop.example:${site.port}/`, hostGapMs: 0 })
    expect(result).toMatchObject(forbidden)
    expect(JSON.stringify(result)).not.toContain('127.0.0.1')
    expect(hits).toBe(0)
  })

  it.each(['::ffff:127.0.0.1', '64:ff9b::7f00:1', '::1', 'fe80::1%lo', '0.0.0.0', '100.64.0.1'])(
    'refuses a name that resolves to %s',
    async (ip) => {
      const fetcher = openFetcher({ allow: listOf(''), lookup: () => Promise.resolve([address(ip)]) })
      expect(await fetcher.fetch({ url: 'http://shop.example/', hostGapMs: 0 })).toMatchObject(forbidden)
    },
  )

  it('connects to the checked answer, so a rebinding resolver is asked once and its second answer never used', async () => {
    const allowed = await startSite((request, response) => response.end(`for ${request.headers.host}`))
    let asked = 0
    const lookup: Lookup = () => {
      asked += 1
      return Promise.resolve([address(asked === 1 ? '127.0.0.1' : '127.0.0.2')])
    }
    const fetcher = openFetcher({ allow: listOf('10.0.0.0/8,127.0.0.1'), lookup })
    const url = `http://rebind.example:${allowed.port}/`
    const result = await fetcher.fetch({ url, hostGapMs: 0 })
    expect(result.kind === 'page' && Buffer.from(result.body).toString()).toBe(`for rebind.example:${allowed.port}`)
    expect(asked).toBe(1)
  })

  it('checks anew when it has to connect anew: the second, private answer is refused', async () => {
    const site = await startSite((_request, response) => response.setHeader('connection', 'close').end('hello'))
    let asked = 0
    const lookup: Lookup = () => {
      asked += 1
      return Promise.resolve([address(asked <= 2 ? '127.0.0.1' : '127.0.0.2')])
    }
    const fetcher = openFetcher({ allow: listOf('10.0.0.0/8,127.0.0.1'), lookup })
    const url = `http://rebind.example:${site.port}/`
    const results: string[] = []
    for (let round = 0; round < 4; round += 1) results.push(reasonOf(await fetcher.fetch({ url, hostGapMs: 0 })))
    expect(results[0]).toBe('page 200')
    expect(results.at(-1)).toBe('address_forbidden')
  })

  it('opens other ports to listed addresses only', async () => {
    const fetcher = openFetcher({
      allow: listOf('10.0.0.0/8'),
      lookup: () => Promise.resolve([address('93.184.216.34')]),
    })
    const result = await fetcher.fetch({ url: 'http://shop.example:8080/', hostGapMs: 0 })
    expect(result).toMatchObject({ ...forbidden, failure: { detail: 'Only ports 80 and 443 can be fetched.' } })
  })

  it('resolves localhost itself, to what the list admits', async () => {
    const site = await startSite((_request, response) => response.end('home'))
    const lookup: Lookup = () => Promise.reject(new Error('must not be asked'))
    const result = await openFetcher({ lookup }).fetch({ url: `http://localhost:${site.port}/`, hostGapMs: 0 })
    expect(reasonOf(result)).toBe('page 200')
  })

  it('checks each hop of a redirect', async () => {
    let hits = 0
    const secret = await startSite((_request, response) => {
      hits += 1
      response.end('secret')
    })
    const targets = [
      `http://127.0.0.2:${secret.port}/`,
      `http://0x7f.2:${secret.port}/`,
      `http://internal.example:${secret.port}/`,
      'http://169.254.169.254/latest/meta-data/',
      'http://[::1]/',
      'http://[::ffff:7f00:2]/',
      '//10.0.0.1/',
    ]
    const site = await startSite((request, response) => {
      response.writeHead(302, { location: targets[Number(request.url!.slice(1))] }).end()
    })
    const lookup: Lookup = () => Promise.resolve([address('127.0.0.2')])
    const fetcher = openFetcher({ allow: listOf('127.0.0.1,10.9.0.0/16'), lookup })
    for (const index of targets.keys()) {
      const result = await fetcher.fetch({ url: `${site.url}/${index}`, hostGapMs: 0 })
      expect(result, targets[index]).toMatchObject(forbidden)
    }
    expect(hits).toBe(0)
  })

  it('tells a name that does not exist from one that is forbidden', async () => {
    const lookup: Lookup = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    const result = await openFetcher({ lookup }).fetch({ url: 'http://nowhere.example/', hostGapMs: 0 })
    expect(result).toMatchObject({ kind: 'failure', failure: { reason: 'dns_failed' } })
  })
})

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { FetchResult } from '../src/index.ts'
import { certificate, key } from './certificate.ts'
import { listen, listOf, openFetcher, startRawSite, startSite } from './sites.ts'

const MIB = 1024 * 1024

function textOf(result: FetchResult): string {
  return result.kind === 'page'
    ? Buffer.from(result.body).toString()
    : `${result.failure.reason}: ${result.failure.detail}`
}

function failing(reason: string) {
  return { kind: 'failure', failure: { reason, fault: 'target' } }
}

/** A site whose one page is these bytes with this encoding, and what a fetch of it brings. */
async function fetchEncoded(encoding: string, bytes: Uint8Array, maxBodyBytes?: number): Promise<FetchResult> {
  const site = await startSite((_request, response) => {
    response.writeHead(200, { 'content-encoding': encoding }).end(bytes)
  })
  return openFetcher().fetch({ url: site.url, hostGapMs: 0, ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }) })
}

describe('transfer encodings', () => {
  const page = 'Grüße aus dem Steinbruch. '.repeat(2000)
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index * 31 + (index >> 3)) & 0xff))

  it.each([
    ['identity', Buffer.from(page)],
    ['gzip', gzipSync(page)],
    ['x-gzip', gzipSync(page)],
    ['GZip', gzipSync(page)],
    ['deflate', deflateSync(page)],
    ['deflate', deflateRawSync(page)],
    ['br', brotliCompressSync(page)],
    ['zstd', zstdCompressSync(page)],
    ['gzip, br', brotliCompressSync(gzipSync(page))],
    ['deflate, gzip', gzipSync(deflateSync(page))],
    ['identity, gzip', gzipSync(page)],
  ])('undoes %s', async (encoding, bytes) => expect(textOf(await fetchEncoded(encoding, bytes))).toBe(page))

  it.each([
    ['gzip', gzipSync(noise, { level: 0 })],
    ['deflate', deflateSync(noise, { level: 0 })],
    ['deflate', deflateRawSync(noise, { level: 0 })],
    ['br', brotliCompressSync(noise)],
    ['gzip, gzip', gzipSync(gzipSync(noise, { level: 0 }), { level: 0 })],
  ])('undoes %s of a body too large for one go', async (encoding, bytes) => {
    const result = await fetchEncoded(encoding, bytes)
    expect(result.kind === 'page' && Buffer.compare(result.body, noise)).toBe(0)
  })

  it.each([
    ['compress', Buffer.from('x')],
    ['gzip', Buffer.from('not gzip')],
    ['br', Buffer.from(page)],
    ['gzip', gzipSync(page).subarray(0, 60)],
    ['zstd', Buffer.from(page)],
    ['deflate', Buffer.from([0xff, 0xff])],
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(page)))],
    ['constructor', Buffer.from('x')],
    ['gzip', Buffer.concat([gzipSync(noise, { level: 0 }).subarray(0, 200_000), Buffer.alloc(90_000, 7)])],
  ])('says bad_encoding of a false %s', async (encoding, bytes) => {
    expect(await fetchEncoded(encoding, bytes)).toMatchObject(failing('bad_encoding'))
  })
})

describe('limits', () => {
  it('takes a body of exactly the limit, and not one byte more', async () => {
    const site = await startSite((request, response) => response.end(Buffer.alloc(Number(request.url!.slice(1)))))
    const fetcher = openFetcher()
    const fetch = (bytes: number) => fetcher.fetch({ url: `${site.url}/${bytes}`, hostGapMs: 0, maxBodyBytes: 100_000 })
    expect(textOf(await fetch(100_000))).toHaveLength(100_000)
    expect(await fetch(100_001)).toMatchObject(failing('too_large'))
  })

  it('gives bombs up, whatever they are packed in', async () => {
    const zeros = Buffer.alloc(32 * MIB)
    const bombs: [string, Buffer][] = [
      ['br', brotliCompressSync(zeros)],
      ['gzip', gzipSync(zeros)],
      ['zstd', zstdCompressSync(zeros)],
      ['gzip, gzip', gzipSync(gzipSync(zeros))],
      ['gzip, br', brotliCompressSync(gzipSync(zeros))],
    ]
    for (const [encoding, bytes] of bombs) {
      expect(await fetchEncoded(encoding, bytes), `${encoding} of ${bytes.length} bytes`).toMatchObject(
        failing('too_large'),
      )
    }
  })

  it('gives a stream up that never decodes to anything', async () => {
    const empty = Buffer.concat(Array<Buffer>(3000).fill(gzipSync('')))
    const site = await startSite((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      pour(response, empty)
    })
    expect(await openFetcher().fetch({ url: site.url, hostGapMs: 0, maxBodyBytes: MIB })).toMatchObject(
      failing('too_large'),
    )
  })

  it('counts what lies between two layers', async () => {
    const empty = Buffer.concat(Array<Buffer>(200_000).fill(gzipSync('')))
    const packed = gzipSync(empty)
    expect(packed.length).toBeLessThan(64 * 1024)
    expect(await fetchEncoded('gzip, gzip', packed, MIB)).toMatchObject(failing('too_large'))
    // The same when it is too long for one go.
    const long = Buffer.concat(Array<Buffer>(15).fill(packed))
    expect(long.length).toBeGreaterThan(64 * 1024)
    expect(await fetchEncoded('gzip, gzip', long, MIB)).toMatchObject(failing('too_large'))
  })

  it('holds little of many endless bodies, and ends their connections', async () => {
    let open = 0
    const piece = Buffer.alloc(64 * 1024, 'x')
    const site = await startSite((request, response) => {
      open += 1
      response.on('close', () => (open -= 1))
      if (request.url === '/gzip') endlessGzip(response, piece)
      else pour(response, piece)
    })
    const fetcher = openFetcher({ limits: { totalMs: 20_000 } })
    globalThis.gc?.()
    const before = process.memoryUsage.rss()
    let peak = before
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5)
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        return fetcher.fetch({ url: `${site.url}/${index % 2 === 0 ? 'plain' : 'gzip'}`, hostGapMs: 0 })
      }),
    )
    clearInterval(watch)
    for (const result of results) expect(result).toMatchObject(failing('too_large'))
    expect((peak - before) / MIB).toBeLessThan(300)
    await expect.poll(() => open).toBe(0)
  }, 30_000)

  it('gives a site up that does not answer, or answers one byte at a time', async () => {
    const site = await startRawSite((socket, head) => {
      if (head.startsWith('GET /silent')) return
      const isBody = head.startsWith('GET /body')
      if (isBody) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
      else socket.write('HTTP/1.1 200 OK\r\nX-Drip: ')
      const timer = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(timer))
    })
    const fetcher = openFetcher({ limits: { firstByteMs: 150, totalMs: 400 } })
    for (const path of ['silent', 'headers']) {
      expect(await fetcher.fetch({ url: `${site.url}/${path}`, hostGapMs: 0 })).toMatchObject({
        failure: { reason: 'timed_out', detail: 'The site did not answer within 0.15 seconds.' },
      })
    }
    expect(await fetcher.fetch({ url: `${site.url}/body`, hostGapMs: 0 })).toMatchObject({
      failure: { reason: 'timed_out', detail: 'The page was not complete after 0.4 seconds.' },
    })
  })

  it('sends nothing any more when the connection comes after the end', async () => {
    const heard: string[] = []
    const site = await startSite(
      () => heard.push('page'),
      () => heard.push('robots'),
    )
    let connected = 0
    const lookup = async () => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      connected += 1
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const fetcher = openFetcher({ lookup, allow: listOf('127.0.0.1,10.0.0.0/8'), limits: { firstByteMs: 50 } })
    const url = `http://slow.example:${site.port}/`
    expect(await fetcher.fetch({ url, hostGapMs: 0 })).toMatchObject(failing('timed_out'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect([connected, heard]).toEqual([1, []])
  })

  it('counts redirects and waits into the whole time', async () => {
    const site = await startSite((request, response) => {
      response.writeHead(302, { location: `${request.url}x` }).end()
    })
    const fetcher = openFetcher({ limits: { totalMs: 300 } })
    expect(await fetcher.fetch({ url: site.url, hostGapMs: 200 })).toMatchObject(failing('timed_out'))
  })

  it('gives up headers without end, and keeps no more than a result may carry', async () => {
    const site = await startRawSite((socket, head) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n')
      if (head.startsWith('GET /many')) {
        socket.write(`${Array.from({ length: 1000 }, (_, index) => `X-${index}: ${index}\r\n`).join('')}\r\n`)
      } else {
        socket.write(`X-Long: ${'y'.repeat(200_000)}\r\n\r\n`)
      }
    })
    const fetcher = openFetcher()
    expect(await fetcher.fetch({ url: `${site.url}/long`, hostGapMs: 0 })).toMatchObject(failing('too_large'))
    const many = await fetcher.fetch({ url: `${site.url}/many`, hostGapMs: 0 })
    expect(many.kind === 'page' && many.page.headers.length).toBe(200)
  })
})

describe('broken answers', () => {
  it.each([
    ['a short body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', 'cut_off'],
    [
      'a chunked body without its end',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      'cut_off',
    ],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n', 'cut_off'],
    ['no answer', '', 'connection_failed'],
    ['half a status line', 'HTTP/1.1 2', 'connection_failed'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'connection_failed'],
    [
      'a length and chunks at once',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'connection_failed',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!', 'connection_failed'],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'connection_failed',
    ],
  ])('calls %s what it is', async (_what, bytes, reason) => {
    const site = await startRawSite((socket) => socket.end(bytes))
    const result = await openFetcher().fetch({ url: site.url, hostGapMs: 0 })
    expect(result).toMatchObject(failing(reason))
    expect(JSON.stringify(result)).not.toMatch(/127\.0\.0\.1|UND_ERR|HPE_|node:/)
  })

  it('asks a site that hangs up on a new connection only once', async () => {
    let asked = 0
    const site = await startSite(
      (request) => {
        asked += 1
        request.socket.end()
      },
      (_request, response) => response.writeHead(404, { connection: 'close' }).end(),
    )
    expect(await openFetcher().fetch({ url: site.url, hostGapMs: 0 })).toMatchObject(failing('connection_failed'))
    expect(asked).toBe(1)
  })

  it('takes a body that ends with its connection', async () => {
    const site = await startRawSite((socket) => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it'))
    expect(textOf(await openFetcher().fetch({ url: site.url, hostGapMs: 0 }))).toBe('all of it')
  })

  it('takes early hints for what they are', async () => {
    const site = await startRawSite((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage')
    })
    expect(textOf(await openFetcher().fetch({ url: site.url, hostGapMs: 0 }))).toBe('page')
  })

  it('never gives a second, smuggled answer to the next page', async () => {
    const real = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal'
    const site = await startRawSite((socket) => {
      socket.write(`${real}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake`)
    })
    const fetcher = openFetcher()
    for (let round = 0; round < 5; round += 1) {
      expect(textOf(await fetcher.fetch({ url: `${site.url}/${round}`, hostGapMs: 0 }))).not.toBe('fake')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })

  it('says when nobody listens', async () => {
    expect(await openFetcher().fetch({ url: 'http://127.0.0.1:1/', hostGapMs: 0 })).toMatchObject(
      failing('connection_failed'),
    )
  })
})

describe('https', () => {
  async function startSecureSite() {
    return listen(
      createSecureServer({ key, cert: certificate }, (request: IncomingMessage, response: ServerResponse) => {
        response.end(`${request.headers.host}`)
      }),
      'https',
    )
  }
  const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }])

  it('demands a certificate of the name, not of the address', async () => {
    const site = await startSecureSite()
    const fetcher = openFetcher({ lookup, ca: certificate, allow: listOf('127.0.0.1,10.0.0.0/8') })
    expect(textOf(await fetcher.fetch({ url: `https://shop.example:${site.port}/`, hostGapMs: 0 }))).toBe(
      `shop.example:${site.port}`,
    )
    expect(await fetcher.fetch({ url: `https://other.example:${site.port}/`, hostGapMs: 0 })).toMatchObject(
      failing('tls_failed'),
    )
  })

  it('trusts no unknown certificate, and no plain answer', async () => {
    const site = await startSecureSite()
    const plain = await startSite((_request, response) => response.end('plain'))
    const fetcher = openFetcher()
    for (const { port } of [site, plain]) {
      expect(await fetcher.fetch({ url: `https://127.0.0.1:${port}/`, hostGapMs: 0 })).toMatchObject(
        failing('tls_failed'),
      )
    }
  })
})

function pour(response: ServerResponse, piece: Buffer): void {
  while (!response.destroyed && response.write(piece));
  response.once('drain', () => pour(response, piece))
}

function endlessGzip(response: ServerResponse, piece: Buffer): void {
  response.writeHead(200, { 'content-encoding': 'gzip' })
  const gzip = createGzip({ level: 0 })
  gzip.pipe(response)
  response.on('close', () => gzip.destroy())
  const more = () => {
    while (!gzip.destroyed && gzip.write(piece));
    gzip.once('drain', more)
  }
  more()
}

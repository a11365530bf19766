import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small web site on loopback, with the ways in which real ones are awkward. */
export interface DemoSite {
  readonly url: string
  readonly host: string
  close(): void
}

/** More than the size limit that the demo sets. */
export const TOO_LARGE_BYTES = 1_500_000
const PAGE_PARAGRAPHS = 200

export async function startDemoSite(): Promise<DemoSite> {
  const rateLimited = new Map<string, number>()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://demo')
    switch (pathname) {
      case '/robots.txt':
        return send(response, 200, 'User-agent: *\nDisallow: /private/\n', 'text/plain')
      case '/page':
        return send(response, 200, page('A plain page'))
      case '/moved':
        return redirect(response, '/moved-again')
      case '/moved-again':
        return redirect(response, '/page')
      case '/busy': {
        const visit = searchParams.get('visit') ?? ''
        const seen = rateLimited.get(visit) ?? 0
        rateLimited.set(visit, seen + 1)
        if (seen % 2 === 1) return send(response, 200, page('A page that was busy at first'))
        return send(response, 429, 'Too many requests\n', 'text/plain', { 'retry-after': '1' })
      }
      case '/huge':
        return send(response, 200, Buffer.alloc(TOO_LARGE_BYTES, 'x'), 'text/plain')
      case '/private/diary':
        return send(response, 200, page('Nobody may read this'))
      default:
        return send(response, 404, page('Not here'))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, close }
}

function page(title: string): string {
  const words = 'Quarry fetches this page again and again, as often as the order says.'
  return `<!doctype html><title>${title}</title><h1>${title}</h1>${`<p>${words}</p>`.repeat(PAGE_PARAGRAPHS)}\n`
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end()
}

function send(
  ...[response, status, body, type = 'text/html; charset=utf-8', headers = {}]: [
    ServerResponse,
    number,
    string | Buffer,
    string?,
    Record<string, string>?,
  ]
): void {
  response.writeHead(status, { 'content-type': type, ...headers }).end(body)
}

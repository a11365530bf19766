import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The site that both sides scrape, in a process of its own: one page of about 47 KB of ordinary markup. With
 * `/changing` every answer differs from all before it.
 */
const PAGE_BYTES = 47_000

const words =
  'quarry stone coin order miner page schedule result ledger shard bucket lease escrow frontier polite host'.split(' ')

function markup(): string {
  let text = '<!doctype html><html><head><title>A page</title></head><body>'
  for (let n = 0; text.length < PAGE_BYTES; n++) {
    const word = (step: number) => words[(n * step + (n >> 3)) % words.length]
    text += `<article id="a${n}"><h2>${word(3)} ${word(5)}</h2><p class="c${n % 7}">${word(7)} ${word(11)} ${n * 7919} ${word(13)} <a href="/p/${n * 104729}">${word(1)}</a></p></article>\n`
  }
  return `${text}</body></html>`
}

const page = Buffer.from(markup())
let visit = 0

const server = createServer((request, response) => {
  if (request.url === '/robots.txt') {
    response.writeHead(404).end()
    return
  }
  const body = request.url?.startsWith('/changing') ? Buffer.concat([page, Buffer.from(`<!-- ${visit++} -->`)]) : page
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.byteLength }).end(body)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
)

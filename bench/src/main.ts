import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { benchStandalone } from './standalone.ts'

/** `npm run bench -- [--json FILE] [--pages N] [--changing]` */
const args = process.argv.slice(2)
const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
const pages = Number(option('--pages') ?? 20_000)
const changing = args.includes('--changing')
const PEER_PAGES = 4_000

const say = (line: string) => void process.stderr.write(`${line}\n`)
const script = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url))

async function startTarget(): Promise<{ url: string; stop: () => void }> {
  const child = spawn(process.execPath, [script('target-site')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { url: `${url}/${changing ? 'changing' : ''}`, stop: () => child.kill() }
}

async function peerPagesPerSecond(url: string): Promise<number> {
  const child = spawn(process.execPath, [script('peer'), url, String(PEER_PAGES)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { pages: done, pagesPerSecond } = JSON.parse(line) as { pages: number; pagesPerSecond: number }
  if (done !== PEER_PAGES) throw new Error(`the peer fetched ${done} of ${PEER_PAGES} pages`)
  return pagesPerSecond
}

const target = await startTarget()
try {
  say(`Two sides, one page of 47 KB${changing ? ', different at every visit' : ''}; ${cpus().length} cores.`)
  const peer = [await peerPagesPerSecond(target.url)]
  say(`HttpCrawler   ${Math.round(peer[0]!)} pages/s`)
  const { pagesPerSecond, latenessMs, durationMs } = await benchStandalone(target.url, pages)
  say(
    `Quarry        ${Math.round(pagesPerSecond)} pages/s, due to file, coins settled (${pages} pages in ${(durationMs / 1000).toFixed(1)} s)`,
  )
  peer.push(await peerPagesPerSecond(target.url))
  say(`HttpCrawler   ${Math.round(peer[1]!)} pages/s`)
  const peerPages = (peer[0]! + peer[1]!) / 2
  const figures = {
    standalone: {
      pagesPerSecond: round(pagesPerSecond),
      peerPagesPerSecond: round(peerPages),
      ratio: round(pagesPerSecond / peerPages),
    },
    latenessMs: { p50: round(latenessMs.p50), p99: round(latenessMs.p99) },
  }
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  const file = option('--json')
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`)
} finally {
  target.stop()
}
process.exit(0)

function round(figure: number): number {
  return Math.round(figure * 100) / 100
}

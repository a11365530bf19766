import type { LoadFigures } from './load.ts'
import { round, say } from './figures.ts'
import { answerOf, Script } from './script.ts'

/** Ours and HttpCrawler's pages per second, one run. */
export interface AgainstPeer {
  readonly pagesPerSecond: number
  readonly peerPagesPerSecond: number
  readonly ratio: number
  readonly latenessMs: { readonly p50: number; readonly p99: number }
  /** Milliseconds of one core a page: all of ours, HttpCrawler, and ours by process. They depend less on what else runs. */
  readonly cpuMsPerPage: number
  readonly peerCpuMsPerPage: number
  readonly cpuByProcess: Readonly<Record<string, number>>
}

interface PeerAnswer {
  readonly pages: number
  readonly pagesPerSecond: number
  readonly cpuMsPerPage: number
}

const PEER_PAGES = 4_000

/** Measures HttpCrawler on a page before and after ours, so that a machine whose speed drifts favours nobody. */
export async function besidePeer(
  { pages, changing }: { pages: number; changing: boolean },
  ours: (page: string) => Promise<LoadFigures>,
): Promise<AgainstPeer> {
  const target = new Script('target-site', [])
  try {
    const page = `${await target.line()}/${changing ? 'changing' : ''}`
    say(`One page of 47 KB${changing ? ', different at every visit' : ''}.`)
    const before = await crawl(page)
    const { pagesPerSecond, durationMs, latenessMs, cpuMsPerPage } = await ours(page)
    say(`Quarry        ${Math.round(pagesPerSecond)} pages/s, due to file, coins settled`)
    say(`              ${pages} pages in ${(durationMs / 1000).toFixed(1)} s`)
    const after = await crawl(page)
    const peerPages = (before.pagesPerSecond + after.pagesPerSecond) / 2
    return {
      pagesPerSecond: round(pagesPerSecond),
      peerPagesPerSecond: round(peerPages),
      ratio: round(pagesPerSecond / peerPages),
      latenessMs: { p50: round(latenessMs.p50), p99: round(latenessMs.p99) },
      cpuMsPerPage: round(Object.values(cpuMsPerPage).reduce((sum, one) => sum + one, 0)),
      peerCpuMsPerPage: round((before.cpuMsPerPage + after.cpuMsPerPage) / 2),
      cpuByProcess: cpuMsPerPage,
    }
  } finally {
    target.kill()
  }
}

async function crawl(page: string): Promise<PeerAnswer> {
  const answer = await answerOf<PeerAnswer>('peer', [page, String(PEER_PAGES)])
  if (answer.pages !== PEER_PAGES) throw new Error(`the peer fetched ${answer.pages} of ${PEER_PAGES} pages`)
  say(`HttpCrawler   ${Math.round(answer.pagesPerSecond)} pages/s`)
  return answer
}

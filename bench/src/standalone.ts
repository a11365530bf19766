import { StandaloneProcess } from '@quarry/testkit'
import { join } from 'node:path'
import { measureLoad } from './load.ts'
import { besidePeer, type AgainstPeer } from './peer-pages.ts'
import { withScratch } from './scratch.ts'

const WARM_UP_PAGES = 1_000

/** The marketplace in one process against HttpCrawler on the same page in the same run. */
export function benchStandalone(load: { pages: number; changing: boolean }): Promise<AgainstPeer> {
  return besidePeer(load, (page) =>
    withScratch(async (folder) => {
      const standalone = await StandaloneProcess.start(join(folder, 'data'))
      try {
        const processes = [{ name: 'standalone', pid: standalone.process.pid }]
        return await measureLoad(
          { url: standalone.url, folder, processes, warmUpPages: WARM_UP_PAGES },
          { page, pages: load.pages },
        )
      } finally {
        await standalone.process.kill()
      }
    }),
  )
}

import { ClusterProcess } from '@quarry/testkit'
import { join } from 'node:path'
import { measureLoad } from '../load.ts'
import { besidePeer, type AgainstPeer } from '../peer-pages.ts'
import { withScratch } from '../scratch.ts'

/** On few cores one of each serves best: every further process only takes turns with the others. */
export const oneOfEach = {
  auth: 1,
  coin: 1,
  'scheduler-manager': 1,
  scheduler: 1,
  backend: 1,
  'mining-server': 1,
  'result-server': 1,
  web: 1,
}

const WARM_UP_PAGES = 20_000

/** Every service a process on the engines behind Traefik, against HttpCrawler on the same page in the same run. */
export function benchThroughput(load: { pages: number; changing: boolean }): Promise<AgainstPeer> {
  return besidePeer(load, (page) =>
    withScratch(async (folder) => {
      const cluster = await ClusterProcess.start(join(folder, 'cluster'), {
        scale: oneOfEach,
        env: { QUARRY_LOG_LEVEL: 'warn' },
      })
      try {
        const ground = { url: cluster.url, folder, processes: cluster.members, warmUpPages: WARM_UP_PAGES }
        return await measureLoad(ground, { page, pages: load.pages })
      } finally {
        await cluster.stop()
      }
    }),
  )
}

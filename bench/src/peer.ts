import { Configuration, HttpCrawler, log, LogLevel } from '@crawlee/http'

/** Crawls a page so many times with Crawlee's HttpCrawler and prints the pages per second and the CPU time of each: `peer.js URL PAGES`. */
const [url = '', pages = '0'] = process.argv.slice(2)

log.setLevel(LogLevel.ERROR)
const configuration = new Configuration({
  persistStorage: false,
  purgeOnStart: false,
  systemInfoV2: true,
  memoryMbytes: 4096,
})
let bytes = 0
const crawler = new HttpCrawler(
  {
    minConcurrency: 50,
    maxConcurrency: 200,
    maxRequestRetries: 0,
    requestHandler: ({ body }) => {
      bytes += Buffer.byteLength(body)
    },
  },
  configuration,
)
const requests = Array.from({ length: Number(pages) }, (_, n) => ({ url, uniqueKey: String(n) }))
await crawler.addRequests(requests, { waitForAllRequestsToBeAdded: true })
const started = performance.now()
const cpuBefore = process.cpuUsage()
const statistics = await crawler.run()
const seconds = (performance.now() - started) / 1000
const cpu = process.cpuUsage(cpuBefore)
const done = statistics.requestsFinished
const cpuMsPerPage = (cpu.user + cpu.system) / 1000 / done
process.stdout.write(`${JSON.stringify({ pages: done, bytes, pagesPerSecond: done / seconds, cpuMsPerPage })}\n`)
process.exit(0)

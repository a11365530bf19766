import { Configuration, HttpCrawler, log, LogLevel } from '@crawlee/http'

/** Crawls a page so many times with Crawlee's HttpCrawler and prints the pages per second: `peer.js URL PAGES`. */
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
const statistics = await crawler.run()
const seconds = (performance.now() - started) / 1000
process.stdout.write(
  `${JSON.stringify({ pages: statistics.requestsFinished, bytes, pagesPerSecond: statistics.requestsFinished / seconds })}\n`,
)
process.exit(0)

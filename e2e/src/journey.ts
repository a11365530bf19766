import type { CodedError, OrderView } from '@quarry/contracts'
import { ApiClient, TargetSite, waitUntil, type AppProcess } from '@quarry/testkit'
import type { FailureReason } from '@quarry/domain'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectBalance } from './expect-balance.ts'
import { eventsOf, once, onlyRun, settled, type Marketplace } from './marketplace.ts'
import { folderProblems, readManifest, type ReceivedLine } from './received-folder.ts'

const START_COINS = 1000
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Pages that reach the customer as they are, with the status that the site gave. */
const delivered: Readonly<Record<string, number>> = {
  '/page': 200,
  '/gzip': 200,
  '/br': 200,
  '/no-charset': 200,
  '/no-type': 200,
  '/nul': 200,
  '/invalid-utf8': 200,
  '/one-line': 200,
  '/empty': 200,
  '/no-content': 204,
  '/missing': 404,
  '/forbidden': 403,
  '/hostile': 200,
}
/** No second attempt can help: refunded after the first. */
const refundedAtOnce: Readonly<Record<string, FailureReason>> = {
  '/too-large': 'too_large',
  '/bomb': 'too_large',
  '/endless': 'too_large',
  '/private/diary': 'robots_forbidden',
  '/hops/6': 'too_many_redirects',
  '/loop': 'too_many_redirects',
  '/not-gzip': 'bad_encoding',
  '/to?url=http://10.1.2.3/': 'address_forbidden',
  '/to?url=ftp://example.com/': 'bad_redirect',
}
/** Asked three times, then refunded. */
const refundedAfterThree: Readonly<Record<string, FailureReason>> = {
  '/status/500': 'server_error',
  '/status/503': 'server_error',
  '/cut': 'cut_off',
}

/** What the journey asks of its marketplace. */
export const journeyEnv: Readonly<Record<string, string>> = { QUARRY_MAX_BODY_BYTES: String(1024 * 1024) }

/**
 * The journey from an order to files and coins, the same wherever the marketplace runs; `open` starts it with `journeyEnv`.
 */
export function journey(
  name: string,
  open: () => Promise<Marketplace>,
  ends: (market: Marketplace) => Promise<void>,
): void {
  describe(`from an order to files and coins, ${name}`, () => {
    let market: Marketplace
    let site: TargetSite
    let busySite: TargetSite
    let fullSite: TargetSite
    let customer: ApiClient
    let owner: ApiClient
    let miner: AppProcess
    let receiver: AppProcess
    const orders = new Map<string, OrderView>()
    const place = async (url: string, more = {}) => void orders.set(url, await customer.place(once(url, more)))
    const runOf = (url: string) => onlyRun(customer, orders.get(url)!.id)

    beforeAll(async () => {
      ;[site, busySite, fullSite] = [await TargetSite.start(), await TargetSite.start(), await TargetSite.start()]
      market = await open()
      customer = await market.signUp('customer')
      owner = await market.signUp('miner')
      await customer.faucet(START_COINS)
      miner = await market.miner(owner, 'miner', { args: ['--allow-address', '127.0.0.1/32', '--concurrency', '40'] })
      receiver = await market.receiver(customer, 'results')
      // Times out after 30 s whatever the machine, so it goes first and is waited for last.
      await place(`${site.url}/drip`, { patienceMs: 20_000 })
      await place(`${site.url}/silent`, { patienceMs: 2000 })
      const paths = [delivered, refundedAtOnce, refundedAfterThree].flatMap((table) => Object.keys(table))
      for (const path of [...paths, '/hops/5', '/changing/once', '/slow?ms=1500', '/busy/503/2'])
        await place(site.url + path)
      await place(`${busySite.url}/busy/429/1`)
      await place(`${fullSite.url}/status/429?after=3600`)
      await place(`${site.url}/reset`)
      await place('http://127.0.0.1:1/nobody-listens')
    })

    afterAll(async () => {
      await market?.stop()
      for (const each of [site, busySite, fullSite]) each?.close()
    })

    it('ends every repetition, delivered or refunded', async () => {
      const ended = await settled(
        customer,
        [...orders.values()].map(({ id }) => id),
      )
      expect(ended.filter((order) => order.delivered + order.failed !== 1)).toEqual([])
      await waitUntil('all results are on disk', () => readManifest(market.out('results')).length === orders.size)
    })

    it.each(Object.entries(delivered))('delivers %s byte for byte', async (path, status) => {
      const { bytes } = site.page(path)
      const { outcome } = await runOf(site.url + path)
      expect(outcome).toMatchObject({
        kind: 'page',
        status,
        content: { sha256: sha256(bytes), sizeBytes: bytes.byteLength },
      })
      const line = readManifest(market.out('results')).find(({ url }) => url === site.url + path)
      expect(sha256(readFileSync(join(market.out('results'), line?.file ?? '')))).toBe(sha256(bytes))
    })

    it('follows five redirects and says where they led', async () => {
      const { outcome } = await runOf(`${site.url}/hops/5`)
      expect(outcome).toMatchObject({
        kind: 'page',
        finalUrl: `${site.url}/page`,
        redirects: expect.objectContaining({ length: 5 }),
      })
    })

    it.each(Object.entries(refundedAtOnce))('refunds %s after one attempt', async (path, reason) => {
      expect(await runOf(site.url + path)).toMatchObject({ attempt: 1, outcome: { kind: 'failure', reason } })
    })

    it('asks for nothing that robots.txt forbids', () => {
      expect(site.count('/private/diary')).toBe(0)
    })

    it.each(Object.entries(refundedAfterThree))('asks three times for %s, then refunds', async (path, reason) => {
      expect(await runOf(site.url + path)).toMatchObject({ attempt: 3, outcome: { kind: 'failure', reason } })
      expect(site.count(path)).toBe(3)
    })

    it('asks a third time and delivers what comes then', async () => {
      expect(await runOf(`${site.url}/busy/503/2`)).toMatchObject({
        attempt: 3,
        outcome: { kind: 'page', status: 200 },
      })
    })

    it('waits as long as Retry-After says', async () => {
      expect(await runOf(`${busySite.url}/busy/429/1`)).toMatchObject({ attempt: 2, outcome: { kind: 'page' } })
      expect(busySite.smallestGapMs(busySite.hits.filter(({ path }) => path !== '/robots.txt'))).toBeGreaterThanOrEqual(
        999,
      )
    })

    it('refunds at once when Retry-After reaches beyond the patience', async () => {
      const { outcome, attempt } = await runOf(`${fullSite.url}/status/429?after=3600`)
      expect({ outcome, attempt }).toMatchObject({ attempt: 1, outcome: { reason: 'rate_limited', status: 429 } })
    })

    it('refunds what never answers, and what never ends', async () => {
      expect(await runOf(`${site.url}/silent`)).toMatchObject({ outcome: { kind: 'failure', reason: 'timed_out' } })
      expect(await runOf(`${site.url}/drip`)).toMatchObject({ outcome: { kind: 'failure', reason: 'timed_out' } })
      for (const url of ['http://127.0.0.1:1/nobody-listens', `${site.url}/reset`]) {
        expect(await runOf(url)).toMatchObject({
          attempt: 3,
          outcome: { kind: 'failure', reason: 'connection_failed' },
        })
      }
    })

    it('moves one coin for each page delivered, and no other', async () => {
      const all = await settled(
        customer,
        [...orders.values()].map(({ id }) => id),
      )
      const pages = all.reduce((sum, order) => sum + order.delivered, 0)
      expect(pages).toBe(Object.keys(delivered).length + 5)
      await expectBalance(customer, START_COINS - pages)
      await expectBalance(owner, pages)
      expect(await market.audit()).toEqual({ code: 0, words: 'The ledger is sound.' })
    })

    it('tells the same to the API and to the folder', async () => {
      const lines = readManifest(market.out('results'))
      for (const line of lines) {
        const {
          cursor: _,
          file: __,
          metadataFile,
          receivedAt: ___,
          ...run
        } = line as ReceivedLine & { receivedAt: number }
        expect(run).toEqual(await onlyRun(customer, line.orderId))
        expect(JSON.parse(readFileSync(join(market.out('results'), metadataFile), 'utf8'))).toEqual(line)
      }
    })

    it('names files itself, whatever a page says', () => {
      const line = readManifest(market.out('results')).find(({ url }) => url.endsWith('/hostile'))!
      expect(line.file).toMatch(/^[\w-]+\/\d{9}-[0-9a-f]{12}\.html$/)
    })

    it('brings only what is asked for to a second folder', async () => {
      const chosen = orders.get(`${site.url}/page`)!
      const byOrder = await market.receiver(customer, 'by-order', { args: ['--order', chosen.id, '--once'] })
      expect(await byOrder.exit()).toBe(0)
      expect(readManifest(market.out('by-order')).map(({ orderId }) => orderId)).toEqual([chosen.id])
      const received = readManifest(market.out('results')) as (ReceivedLine & { receivedAt: number })[]
      const since = new Date(Math.max(...received.map(({ receivedAt }) => receivedAt)) + 1).toISOString()
      const none = await market.receiver(customer, 'since', { args: ['--since', since, '--once'] })
      expect(await none.exit()).toBe(0)
      expect(readManifest(market.out('since'))).toEqual([])
      const hour = await market.receiver(customer, 'since', { args: ['--since', '1h', '--once'] })
      expect(await hour.exit()).toBe(0)
      expect(readManifest(market.out('since'))).toHaveLength(orders.size)
      expect(['by-order', 'since'].flatMap((name) => folderProblems(market.out(name)))).toEqual([])
    })

    it('goes on after the last line when it is started again', async () => {
      expect(await receiver.stop()).toBe(0)
      const again = await market.receiver(customer, 'results', { args: ['--once'] })
      expect(await again.exit()).toBe(0)
      expect(eventsOf(again).filter(({ event }) => event === 'result')).toEqual([])
      expect(folderProblems(market.out('results'))).toEqual([])
    })

    it('stops for a pause, goes on, and gives the rest back on cancel', async () => {
      const before = await customer.balance()
      const repetitions = 500
      const { id } = await customer.place({
        url: `${site.url}/page`,
        schedule: { kind: 'interval', intervalMs: 50 },
        repetitions,
      })
      const delivered = async (least: number) =>
        waitUntil(`${least} pages are delivered`, async () => {
          const order = await customer.order(id)
          return order.delivered >= least && order
        })
      await delivered(3)
      await customer.change(id, 'pause', { reason: 'for a while' })
      const paused = await waitUntil('the order stands still', async () => {
        const [order, { items }] = [await customer.order(id), await customer.runs(id)]
        return order.state === 'paused' && items.length === items[0]!.rep + 1 && order
      })
      expect(paused).toMatchObject({ reason: 'for a while', nextDueAt: [] })
      await customer.change(id, 'resume')
      await delivered(paused.delivered + 3)
      await customer.cancel(id)
      const [cancelled] = await settled(customer, [id])
      expect(cancelled).toMatchObject({ state: 'cancelled', failed: 0 })
      expect(cancelled!.coins).toEqual({
        paidIn: repetitions,
        paidOut: cancelled!.delivered,
        refunded: repetitions - cancelled!.delivered,
        inEscrow: 0,
      })
      await expectBalance(customer, before - cancelled!.delivered)
      await expect(customer.change(id, 'resume')).rejects.toMatchObject({
        code: 'wrong_state',
      } satisfies Partial<CodedError>)
    })

    it('runs a repetition now on request, and only that one', async () => {
      const startAt = Date.now() + 3_600_000
      const schedule = { kind: 'interval', intervalMs: 3_600_000, startAt } as const
      const { id } = await customer.place({ url: `${site.url}/page`, schedule, repetitions: 3 })
      await customer.change(id, 'run-now')
      await waitUntil('it ran', async () => (await customer.order(id)).delivered === 1)
      expect((await customer.order(id)).nextDueAt).toHaveLength(2)
      const { refundedCoins } = await customer.cancel(id)
      expect(refundedCoins).toBe(2)
      await settled(customer, [id])
    })

    it('refuses an address that the operator does not allow', async () => {
      const urls = [
        'http://10.1.2.3/',
        'http://169.254.169.254/latest/',
        'http://[::1]/',
        'http://2130706434/',
        'http://0x7f.2/',
      ]
      for (const url of urls)
        await expect(customer.place(once(url))).rejects.toMatchObject({ code: 'address_forbidden' })
    })

    it('lets the clients finish what they hold, and ends as asked', async () => {
      expect(await miner.stop()).toBe(0)
      expect(await market.audit()).toMatchObject({ code: 0 })
      await ends(market)
      expect(await market.audit()).toMatchObject({ code: 0 })
    })
  })
}

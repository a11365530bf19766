import type { ForecastView, JournalLine, PageView } from '@quarry/contracts'
import { ApiClient, TargetSite, waitUntil } from '@quarry/testkit'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launch, pageProblems } from './src/browser.ts'
import { Marketplace, once, settled } from './src/marketplace.ts'

const chromium = findChromium()
/** Far longer than anything on a page takes on a quiet machine. */
const PATIENCE_MS = 30_000

describe.skipIf(chromium === undefined)('coins and notifications in a browser', () => {
  let market: Marketplace
  let target: TargetSite
  let browser: Browser
  let page: Page
  let other: Page
  let customer: ApiClient
  let receiver: Server
  let hook = ''
  const received: { headers: IncomingHttpHeaders; body: string }[] = []

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const number = (coins: number) => coins.toLocaleString('en-GB')

  beforeAll(async () => {
    target = await TargetSite.start()
    market = await Marketplace.start({ QUARRY_WEBHOOK_HTTP: 'true' })
    customer = await market.signUp('ada')
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (piece: Buffer) => (body += piece.toString('utf8')))
      request.on('end', () => {
        received.push({ headers: request.headers, body })
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    browser = await launch(chromium!)
    page = await signedIn()
    other = await signedIn()
  })

  afterAll(async () => {
    await browser?.close()
    await market?.stop()
    receiver?.close()
    target?.close()
  })

  async function signedIn(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
    context.setDefaultTimeout(PATIENCE_MS)
    const fresh = await context.newPage()
    await fresh.goto(`${market.url}/login`)
    await fresh.getByLabel('Email', { exact: true }).fill(customer.email)
    await fresh.getByLabel('Password', { exact: true }).fill(customer.password)
    await fresh.getByRole('button', { name: 'Sign in', exact: true }).click()
    await fresh.waitForURL(/\/orders$/)
    return fresh
  }

  it('shows in one browser what comes by the other, without reload', async () => {
    await other.goto(`${market.url}/wallet`)
    await other.getByText('No movements yet').waitFor()
    await page.goto(`${market.url}/wallet`)
    await page.getByLabel('Amount', { exact: true }).fill('1000')
    await button('Get coins').click()
    await other.getByRole('link', { name: 'Balance: 1,000 coins' }).waitFor()
    await other.getByRole('cell', { name: 'Coins received' }).waitFor()
  })

  it('makes a webhook, shows its secret once, and a test arrives signed', async () => {
    await page.goto(`${market.url}/notifications`)
    await button('New webhook').first().click()
    await page.getByRole('textbox', { name: 'Address' }).fill('http://10.0.0.1/hook')
    await button('Create webhook').click()
    await page.getByText('Nothing may be sent to this address').waitFor()
    await page.getByRole('textbox', { name: 'Address' }).fill(hook)
    await page.getByLabel('Name', { exact: true }).fill('Mine')
    await page.getByLabel('every page that is delivered').check()
    await button('Create webhook').click()
    const secret = await page.getByText(/^whsec_/).innerText()
    await button('Done').click()
    await button('Send a test').click()
    await page.getByText('The test arrived.').waitFor()
    await page
      .getByRole('cell', { name: /Delivered/ })
      .first()
      .waitFor()
    const [test] = received as [(typeof received)[0]]
    expect(new Webhook(secret.trim()).verify(test.body, test.headers as Record<string, string>)).toMatchObject({
      type: 'webhook.test',
    })
    expect(await page.getByText(/^whsec_/).count()).toBe(0)
  })

  it('sends a signed webhook when a run arrives, and its log shows it', async () => {
    await market.miner(customer, 'miner')
    const order = await customer.place(once(`${target.url}/page`, { name: 'Prices' }))
    await settled(customer, [order.id])
    await waitUntil('the webhook arrived', () => Promise.resolve(received.length >= 2))
    const event = JSON.parse(received[1]!.body) as { type: string; data: { orderId: string; orderName: string } }
    expect(event).toMatchObject({ type: 'run.delivered', data: { orderId: order.id, orderName: 'Prices' } })
    await page.getByRole('button', { name: `Resend run-delivered_${order.id}_0` }).waitFor()
  })

  it('shows the figures of the ledger, and exports the journal', async () => {
    const held = { ...once(`${target.url}/page`, { name: 'Held', repetitions: 24 }) }
    await customer.place({ ...held, schedule: { kind: 'interval', intervalMs: 3_600_000 } })
    await waitUntil(
      'the first run is paid',
      async () => (await customer.call<ForecastView>('/api/v1/coins/forecast')).heldCoins === 23,
    )
    const forecast = await customer.call<ForecastView>('/api/v1/coins/forecast')
    const journal = await customer.call<PageView<JournalLine>>('/api/v1/coins/journal?limit=200')
    const balance = await customer.balance()
    expect(journal.items.reduce((sum, { amountCoins }) => sum + amountCoins, 0)).toBe(balance)
    await page.goto(`${market.url}/wallet`)
    const figures = page.locator('main')
    await figures.getByText(number(balance), { exact: true }).first().waitFor()
    await figures.getByText(number(forecast.heldCoins), { exact: true }).first().waitFor()
    await page.getByRole('link', { name: 'Held' }).waitFor()
    const download = page.waitForEvent('download')
    await button('Export').click()
    await page.getByRole('menuitem', { name: 'As CSV' }).click()
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\r\n')
    expect(lines.slice(1).map((line) => line.split(',')[4])).toEqual(journal.items.map(({ transferId }) => transferId))
    await page.getByLabel('Kind of movement').selectOption({ label: 'Order placed' })
    await waitUntil(
      'the filter holds',
      async () => (await page.getByRole('cell', { name: 'Coins received' }).count()) === 0,
    )
    await page.getByText('Table', { exact: true }).click()
    const came = journal.items
      .filter(({ amountCoins }) => amountCoins > 0)
      .reduce((sum, line) => sum + line.amountCoins, 0)
    await page
      .getByRole('region', { name: 'Coins over time' })
      .last()
      .getByRole('cell', { name: number(came) })
      .waitFor()
  })

  it('has nothing that axe complains of, wide and narrow, light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await pageProblems(page, market.url, ['/wallet', '/notifications'])).toEqual([])
    }
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.emulateMedia({ colorScheme: 'light' })
  })

  it('leads from the link of a mail to a page that says so', async () => {
    await page.goto(`${market.url}/api/v1/notifications/unsubscribe?token=nobody.x`)
    await page.getByText('This link is not complete').waitFor()
  })
})

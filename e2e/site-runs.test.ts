import { type ApiClient, TargetSite, waitUntil } from '@quarry/testkit'
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessProblems, findChromium, launch, signIn } from './src/browser.ts'
import { copyRuns } from './src/many-runs.ts'
import { Marketplace, once, settled } from './src/marketplace.ts'
import { framesWhileScrolling } from './src/smoothness.ts'
import { zipEntries } from './src/zip-entries.ts'

const chromium = findChromium()
const PATIENCE_MS = 30_000
const MANY = 100_000
const HOUR_MS = 3_600_000
const EVIL = '<img src=x onerror="window.quarryHacked=1">"; =1+1'
/** A page in two contents, one after the other. */
const CHANGING_RUNS = 3

describe.skipIf(chromium === undefined)('the runs of an order on the site', () => {
  let market: Marketplace
  let target: TargetSite
  let canary: TargetSite
  let hostile: TargetSite
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let ada: ApiClient
  let changingId = ''

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const field = (label: string) => page.getByLabel(label, { exact: true })
  const open = (orderId: string) => page.goto(`${market.url}/orders/${orderId}`)

  beforeAll(async () => {
    target = await TargetSite.start()
    canary = await TargetSite.start()
    hostile = await TargetSite.start({ beacon: `${canary.url}/beacon` })
    market = await Marketplace.start()
    ada = await market.signUp('ada')
    await ada.faucet(500_000)
    await market.miner(ada, 'attic')
    browser = await launch(chromium!)
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    context.setDefaultTimeout(PATIENCE_MS)
    page = await context.newPage()
    await signIn(page, market.url, ada)
    const schedule = { kind: 'interval', intervalMs: 300 } as const
    const url = `${target.url}/changing/runs`
    changingId = (await ada.place({ url, name: EVIL, schedule, repetitions: CHANGING_RUNS })).id
  })
  afterAll(async () => {
    await browser?.close()
    await market?.stop()
    for (const site of [target, canary, hostile]) site?.close()
  })

  it('fetches a page once for nothing, and tries selectors on it before anything is ordered', async () => {
    const before = await ada.balance()
    await page.goto(`${market.url}/orders/new`)
    await field('Address of the page').fill(`${target.url}/page`)
    await button('Test fetch').click()
    await page.getByText(/^Fetched: status 200, /).waitFor()
    await page.frameLocator('iframe').getByRole('heading', { name: 'A plain page' }).waitFor()
    await button('Add a value').click()
    await field('Selector').fill('h1[')
    await page.getByText('This selector cannot be read.').waitFor()
    await field('Selector').fill('h1')
    await page.getByText('Found: “A plain page”').waitFor()
    const { items } = await ada.orders()
    expect(items.map(({ id }) => id)).toEqual([changingId])
    expect(await ada.balance()).toBeGreaterThanOrEqual(before)
    await page.getByText('Once', { exact: true }).click()
    await button('Place order').click()
    await page.waitForURL(/\/orders\/o[0-9a-f]+$/)
    await button('Show run 1').click()
    await page.getByRole('dialog').getByText('A plain page').first().waitFor()
    await page.keyboard.press('Escape')
  })

  it('shows the latest runs as a strip that keys walk along', async () => {
    await settled(ada, [changingId])
    await open(changingId)
    const strip = page.getByRole('group', { name: `Recent runs: ${CHANGING_RUNS} delivered, 0 failed` })
    const bars = strip.getByRole('button')
    await bars.first().waitFor()
    expect(await bars.count()).toBe(CHANGING_RUNS)
    await bars.last().focus()
    await page.keyboard.press('ArrowLeft')
    expect(await strip.locator(':focus').getAttribute('aria-label')).toMatch(/^Run 2 .*Delivered · 200/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Run 2' }).waitFor()
    expect(await accessProblems(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  it('compares any two of the contents that the page has had', async () => {
    const versions = page.getByRole('table', { name: 'Versions' })
    await versions.waitFor()
    expect(await versions.getByRole('row').count()).toBe(CHANGING_RUNS + 1)
    const picks = versions.getByRole('checkbox')
    await picks.nth(1).uncheck()
    await picks.nth(2).check()
    await button('Show the difference').click()
    const diff = page.getByRole('dialog', { name: `Run 1 and run ${CHANGING_RUNS} compared` })
    await diff.getByText('visit 0 of runs').waitFor()
    await diff.getByText(`visit ${CHANGING_RUNS - 1} of runs`).waitFor()
    await diff.getByText('1 lines added, 1 removed').waitFor()
    const download = page.waitForEvent('download')
    await button('Download patch').click()
    const patch = readFileSync(await (await download).path(), 'utf8')
    expect(patch).toContain(`-visit 0 of runs\n+visit ${CHANGING_RUNS - 1} of runs\n`)
    await page.keyboard.press('Escape')
    await diff.waitFor({ state: 'detached' })
  })

  it('hands out all runs as ZIP, JSONL and CSV', async () => {
    const save = async (format: string) => {
      const download = page.waitForEvent('download')
      await button(`Download all runs as ${format}`).click()
      return readFileSync(await (await download).path())
    }
    const lines = (await save('JSONL')).toString().trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { rep: number }).rep)).toEqual([2, 1, 0])
    const csv = (await save('CSV')).toString()
    expect(csv.split('\r\n').filter((line) => line.includes('/changing/runs'))).toHaveLength(CHANGING_RUNS)
    const files = [...zipEntries(await save('ZIP')).values()].map(String)
    for (const nth of [0, 1, 2]) expect(files).toContain(`visit ${nth} of runs\n`)
  })

  it('shows a hostile name as text, and runs and loads nothing of a hostile page', async () => {
    await page.getByRole('heading', { name: EVIL }).waitFor()
    const order = await ada.place(once(`${hostile.url}/hostile`, { name: 'Hostile' }))
    await settled(ada, [order.id])
    const before = [hostile.hits.length, canary.hits.length]
    await open(order.id)
    await button('Show run 1').click()
    const frame = page.frameLocator('iframe[title="Preview of the page"]')
    await frame.getByRole('heading', { name: 'A hostile page' }).waitFor()
    expect(await page.locator('iframe[title="Preview of the page"]').getAttribute('sandbox')).toBe('')
    await page.getByRole('dialog').getByText('../../x').waitFor()
    await frame.getByText('a link', { exact: true }).click()
    // Time for what would load or run if it could.
    await page.waitForTimeout(500)
    const hacked = () =>
      Promise.all(page.frames().map((each) => each.evaluate(() => 'quarryHacked' in window).catch(() => false)))
    expect((await hacked()).filter(Boolean)).toEqual([])
    expect([hostile.hits.length, canary.hits.length]).toEqual(before)
    const { session } = ada
    const preview = await page.request.get(`${market.url}/api/v1/orders/${order.id}/runs/0/preview`, {
      headers: { authorization: `Bearer ${session.accessToken}` },
    })
    expect(preview.headers()['content-security-policy']).toMatch(/sandbox(;|$).*default-src 'none'/)
    // Shown as it is, the same page does reach out: this test would see it.
    const bare = await context.newPage()
    await bare.setContent(String(hostile.page('/hostile').bytes), { waitUntil: 'commit' })
    await waitUntil('the canary is asked', () => canary.hits.length > before[1]!)
    await bare.close()
    await page.keyboard.press('Escape')
  })

  it('pauses with a reason that can be undone, clones, and cancels with a refund, in two browsers at once', async () => {
    const schedule = { kind: 'interval', intervalMs: HOUR_MS } as const
    const { id } = await ada.place({ url: `${target.url}/page`, name: 'Twice seen', schedule, repetitions: 20 })
    const other = await browser.newContext({ locale: 'en-GB' })
    const elsewhere = await other.newPage()
    await signIn(elsewhere, market.url, ada)
    await elsewhere.goto(`${market.url}/orders/${id}`)
    await open(id)
    await Promise.all([page, elsewhere].map((each) => each.getByRole('button', { name: 'Show run 1' }).waitFor()))
    await button('Pause').click()
    await field('Reason (optional)').fill('The shop is closed')
    await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByText('Reason: The shop is closed').waitFor()
    await elsewhere.getByText('Reason: The shop is closed').waitFor()
    await button('Undo').click()
    await page.getByText('The order runs again.').waitFor()
    await elsewhere.getByRole('button', { name: 'Run now' }).click()
    await button('Show run 2').waitFor()
    await page.getByRole('link', { name: 'Clone' }).click()
    await waitUntil('the form is filled', async () => (await field('Name (optional)').inputValue()) === 'Twice seen')
    expect(await field('Address of the page').inputValue()).toBe(`${target.url}/page`)
    await open(id)
    await button('Cancel order').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel and refund' }).click()
    await page.getByText(/Cancelled\. \d+ coins came back\./).waitFor()
    await elsewhere.getByText('Cancelled', { exact: true }).first().waitFor()
    await other.close()
  })

  it(`scrolls through ${MANY} runs as if they were few`, async () => {
    const schedule = { kind: 'interval', intervalMs: HOUR_MS } as const
    const { id } = await ada.place({ url: `${target.url}/page`, name: 'Many', schedule, repetitions: MANY })
    await copyRuns(market, id, MANY)
    await open(id)
    await button(`Show run ${MANY}`).waitFor()
    // Frames come only to the page in front.
    await page.bringToFront()
    const list = '[data-runs]'
    const still = await framesWhileScrolling(page, list, 0)
    const moving = await framesWhileScrolling(page, list, 300)
    process.stdout.write(`\nframes: ${JSON.stringify({ still, moving })}\n`)
    // Measured by what the machine can show at all; on a quiet one it is every frame.
    expect(moving.medianMs).toBeLessThan(3.2 * still.medianMs)
    expect(moving.longestMs).toBeLessThan(Math.max(200, 10 * still.longestMs))
    expect(await page.locator(`${list} [role="row"]`).count()).toBeLessThan(100)
    await page.locator(list).evaluate((element) => (element.scrollTop = element.scrollHeight / 2))
    await button(`Show run ${MANY / 2}`).waitFor()
    await page.locator(list).evaluate((element) => (element.scrollTop = element.scrollHeight))
    await button('Show run 1').waitFor()
    await page.getByText('At fault', { exact: true }).first().waitFor()
  })
})

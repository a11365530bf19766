import type { OrderView } from '@quarry/contracts'
import { type ApiClient, TargetSite, waitUntil } from '@quarry/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launch, pageProblems } from './src/browser.ts'
import { Marketplace } from './src/marketplace.ts'

const chromium = findChromium()
const PATIENCE_MS = 30_000

describe.skipIf(chromium === undefined)('orders on the site', () => {
  let market: Marketplace
  let target: TargetSite
  let browser: Browser
  let page: Page
  let user: ApiClient
  const complaints: string[] = []

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const field = (label: string) => page.getByLabel(label, { exact: true })
  const goTo = (path: string) => page.goto(market.url + path)
  const row = (name: string) => page.getByRole('row').filter({ hasText: name })

  beforeAll(async () => {
    target = await TargetSite.start()
    market = await Marketplace.start()
    user = await market.signUp('mary')
    await user.faucet(10_000)
    browser = await launch(chromium!)
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    })
    context.setDefaultTimeout(PATIENCE_MS)
    page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('dialog', () => complaints.push('a dialog opened'))
    await goTo('/login')
    await field('Email').fill(user.email)
    await field('Password').fill(user.password)
    await button('Sign in').click()
    await page.getByText('No orders yet').waitFor()
  })

  afterAll(async () => {
    await browser?.close()
    await market?.stop()
    target?.close()
  })

  async function begin(name: string, kind: string): Promise<void> {
    await goTo('/orders/new')
    await field('Address of the page').fill(`${target.url}/page`)
    await field('Name (optional)').fill(name)
    await page.getByText(kind, { exact: true }).click()
  }

  async function place(): Promise<OrderView> {
    await button('Place order').click()
    await page.waitForURL(/\/orders\/o/)
    return user.order(new URL(page.url()).pathname.split('/').pop()!)
  }

  it('says an interval with hours in words, and places what the preview shows', async () => {
    await begin('Office hours', 'Every so often')
    await page.getByRole('switch', { name: 'Only at certain hours' }).check()
    await field('Start (optional)').fill('2027-01-04T19:30')
    await page.getByText(/Every 1 hour, on Mon–Fri 08:00–18:00, by the clocks of Europe\/Berlin/).waitFor()
    await page.getByText('5 Jan 2027, 08:30:00').waitFor()
    const order = await place()
    expect(order.nextDueAt[0]).toBe(Date.UTC(2027, 0, 5, 7, 30))
  })

  it('says a cron expression in words, and ends it at a time', async () => {
    await begin('Mornings', 'Cron')
    await page.getByText(/That means: At 08:00/).waitFor()
    await field('Start (optional)').fill('2027-01-04T00:00')
    await page.getByText('At a time', { exact: true }).click()
    await field('Last run no later than').fill('2027-01-08T12:00')
    await page.getByText('5 pages × 1 coin').waitFor()
    const order = await place()
    expect(order).toMatchObject({ repetitions: 5, until: Date.UTC(2027, 0, 8, 11) })
    expect(order.nextDueAt[0]).toBe(Date.UTC(2027, 0, 4, 7))
  })

  it('keeps what was typed through a reload, and places it once', async () => {
    await begin('Kept', 'Once')
    await field('Start (optional)').fill('2027-01-04T12:00')
    await page.getByText(/^Once, 4 Jan 2027/).waitFor()
    await page.reload()
    await page.getByText('This is what you had typed before.').waitFor()
    expect(await field('Name (optional)').inputValue()).toBe('Kept')
    const order = await place()
    expect(order.schedule).toEqual({ kind: 'once', startAt: Date.UTC(2027, 0, 4, 11) })
    await goTo('/orders/new')
    expect(await field('Name (optional)').inputValue()).toBe('')
    const { items } = await user.orders()
    expect(items.filter(({ name }) => name === 'Kept')).toHaveLength(1)
  })

  it('tells which lines of a list are wrong, and places the others', async () => {
    await goTo('/orders/import')
    const list = ['/a', '/b', '/c'].map((path, n) => `${target.url}${path},Line ${n},imported`)
    list.splice(1, 0, 'ftp://example.org/')
    list.push('https://10.0.0.1/')
    await field('Addresses').fill(list.join('\n'))
    await field('Start (optional)').fill('2027-01-04T12:00')
    await button('Check the list').click()
    await page.getByText('2 lines are wrong').waitFor()
    expect(await page.getByRole('table', { name: 'Lines of the list' }).getByRole('row').count()).toBe(6)
    await page.getByLabel(/Place the lines that are fine/).check()
    await button('Place 3 orders').click()
    await page.waitForURL(/\/orders$/)
    await row('Line 2').waitFor()
  })

  it('searches, filters and sorts', async () => {
    await goTo('/orders')
    // One word is of the name, the other of the address.
    await field('Search orders').fill('line /b')
    await page.waitForURL(/q=line/)
    await row('Line 0').waitFor({ state: 'detached' })
    await row('Line 2').waitFor({ state: 'detached' })
    await row('Line 1').waitFor()
    await field('Search orders').fill('nothing has this name')
    await page.getByText('Nothing matches').waitFor()
    await button('Show all orders').click()
    await goTo('/orders?tag=imported&sort=name')
    await row('Line 0').waitFor()
    const names = await page.getByRole('row').getByRole('link').allInnerTexts()
    expect(names).toEqual(['Line 0', 'Line 1', 'Line 2'])
    await button(/^Active/).waitFor()
  })

  it('cancels several at once and says what came back', async () => {
    await goTo('/orders?tag=imported')
    await page.getByLabel('Select all shown').check()
    await page.getByRole('group', { name: 'With the selected orders' }).getByRole('button', { name: 'Cancel' }).click()
    await button('Cancel and refund').click()
    await page.getByText('Cancelled. 72 coins came back.').waitFor()
    await row('Line 0').getByText('Cancelled').waitFor()
  })

  it('shows hostile names as text, renames them, and clones', async () => {
    const names = ['<img src=x onerror=alert(1)>', '\u202Etxet desrever', '😀'.repeat(60)]
    for (const name of names) {
      await user.place({ url: `${target.url}/page`, name, schedule: { kind: 'once', startAt: Date.UTC(2027, 0, 9) } })
    }
    await goTo('/orders')
    for (const name of names) await page.getByRole('link', { name, exact: true }).waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    await page.getByRole('link', { name: names[0]!, exact: true }).click()
    await page.getByRole('link', { name: 'Clone' }).click()
    await waitUntil('the form is filled', async () => (await field('Name (optional)').inputValue()) === names[0])
    await page.goBack()
    await button('Name and tags').click()
    await page.getByRole('dialog').getByLabel('Name (optional)').fill('Tame')
    await button('Save').click()
    await page.getByRole('heading', { name: 'Tame' }).waitFor()
  })

  it('can be used by everybody, in wide and narrow windows', async () => {
    expect(await pageProblems(page, market.url, ['/orders', '/orders/new', '/orders/import'])).toEqual([])
    expect(complaints).toEqual([])
  })
})

import { type ApiClient, TargetSite } from '@quarry/testkit'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launch, signIn } from './src/browser.ts'
import { Marketplace, once } from './src/marketplace.ts'

const chromium = findChromium()
const PATIENCE_MS = 30_000

describe.skipIf(chromium === undefined)('miners on the site', () => {
  let market: Marketplace
  let target: TargetSite
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let owner: ApiClient
  const kill: Record<string, () => Promise<unknown>> = {}

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const row = (name: string) =>
    page.getByRole('table', { name: 'Your devices' }).getByRole('row').filter({ hasText: name })
  const figure = (label: string) =>
    page
      .locator('dl > div')
      .filter({ has: page.getByText(label, { exact: true }) })
      .locator('dd')

  beforeAll(async () => {
    target = await TargetSite.start()
    market = await Marketplace.start()
    owner = await market.signUp('owner')
    await owner.faucet(1000)
    browser = await launch(chromium!)
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    context.setDefaultTimeout(PATIENCE_MS)
    page = await context.newPage()
    await signIn(page, market.url, owner)
  })
  afterAll(async () => {
    await browser?.close()
    await market?.stop()
    target?.close()
  })

  it('leads a newcomer through the first steps, which can be put away and taken out again', async () => {
    const steps = page.getByRole('region', { name: 'First steps' })
    await steps.getByRole('link', { name: 'Try a page' }).waitFor()
    await steps.getByRole('button', { name: 'Put away' }).click()
    await steps.waitFor({ state: 'detached' })
    await page.reload()
    await button('Show the first steps').click()
    await steps.waitFor()
    await owner.place(once(`${target.url}/page`, { name: 'Waiting for a miner' }))
    await steps.getByText('Your first page arrives').waitFor()
    await steps.getByRole('link', { name: 'Start a miner' }).click()
    await page.waitForURL(/\/miners$/)
  })

  it('shows two devices as they come, by the names they gave themselves', async () => {
    await page.getByText('No device yet').waitFor()
    await page.evaluate(() => void Object.assign(window, { quarrySameDocument: true }))
    for (const name of ['attic', 'cellar']) {
      const args = ['--allow-address', '127.0.0.1/32', '--name', `The ${name} <b>`]
      const client = await market.miner(owner, name, { args })
      kill[name] = () => client.kill()
      await row(`The ${name} <b>`).waitFor()
    }
    await row('The attic')
      .getByText(/Mining|No pages are due/)
      .first()
      .waitFor()
    expect(await figure('Devices at work').innerText()).toMatch(/^2\s+of 2$/)
    await expect.poll(() => figure('miners online').innerText(), { timeout: PATIENCE_MS }).toBe('2')
  })

  it('counts pages and coins as they are fetched and paid, without being asked', async () => {
    for (let number = 0; number < 6; number++) await owner.place(once(`${target.url}/changing/${number}`))
    await expect.poll(() => figure('Earned today').innerText(), { timeout: PATIENCE_MS }).toMatch(/^\+7\s+coins$/)
    const paid = async (name: string) => Number(await row(name).getByRole('cell').last().innerText())
    await expect
      .poll(async () => (await paid('The attic')) + (await paid('The cellar')), { timeout: PATIENCE_MS })
      .toBe(7)
    await expect.poll(() => figure('coins paid today').innerText(), { timeout: PATIENCE_MS }).toBe('7')
    expect(Number(await figure('pages a minute').innerText())).toBeGreaterThan(0)
    expect(await page.evaluate(() => 'quarrySameDocument' in window)).toBe(true)
  })

  it('says that a killed device is away within seconds, and forgets it on request', async () => {
    const killedAt = Date.now()
    await kill['cellar']!()
    await row('The cellar').getByText('Away').waitFor()
    expect(Date.now() - killedAt).toBeLessThan(10_000)
    await expect.poll(() => figure('miners online').innerText(), { timeout: PATIENCE_MS }).toBe('1')
    await button('Forget The cellar <b>').click()
    await row('The cellar').waitFor({ state: 'detached' })
  })

  it('lists nobody on the leaderboard who did not join, and nobody who left', async () => {
    await page.getByText('Nobody has joined yet').waitFor()
    await button('Join').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Nickname').fill('admin')
    await dialog.getByRole('button', { name: 'Join' }).click()
    await dialog.getByText('This name is reserved').waitFor()
    await dialog.getByLabel('Nickname').fill('Ada-1')
    await dialog.getByRole('button', { name: 'Join' }).click()
    const board = page.getByRole('table', { name: /Miners of this week/ })
    await board.getByRole('row').filter({ hasText: 'Ada-1' }).filter({ hasText: '7' }).waitFor()
    const other = await market.signUp('other')
    const seenByOther = async () => {
      const headers = { authorization: `Bearer ${other.session.accessToken}` }
      const answer = await fetch(`${market.url}/api/v1/leaderboard`, { headers })
      return (await answer.json()) as { leaders: unknown[] }
    }
    expect((await seenByOther()).leaders).toEqual([{ rank: 1, nickname: 'Ada-1', coins: 7, isYou: false }])
    await button('Leave').click()
    await board.waitFor({ state: 'detached' })
    expect(await seenByOther()).toMatchObject({ leaders: [] })
  })

  it('follows the keyboard, but not while somebody types, nor when it is switched off', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('w')
    await page.waitForURL(/\/wallet$/)
    await page.keyboard.press('?')
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await sheet.getByText('Search your orders').waitFor()
    await page.keyboard.press('n')
    expect(new URL(page.url()).pathname).toBe('/wallet')
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    await page.getByLabel('Amount', { exact: true }).focus()
    await page.keyboard.press('n')
    expect(new URL(page.url()).pathname).toBe('/wallet')
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('n')
    await page.waitForURL(/\/orders\/new$/)
    await button('Display settings').click()
    await button('Keyboard shortcuts').click()
    await sheet.getByLabel('Shortcuts with single letters').uncheck()
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    await page.getByRole('heading', { level: 1 }).click()
    for (const key of ['g', 'w']) await page.keyboard.press(key)
    await page.waitForTimeout(300)
    expect(new URL(page.url()).pathname).toBe('/orders/new')
  })
})

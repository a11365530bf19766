import { ApiClient, TargetSite, waitUntil } from '@quarry/testkit'
import { generate } from 'otplib'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launch } from './src/browser.ts'
import { Marketplace } from './src/marketplace.ts'
import { takePictures } from './src/readme-pictures.ts'

const chromium = findChromium()
const inCi = process.env['CI'] === 'true'
if (chromium === undefined)
  process.stdout.write('\nNO CHROMIUM: the site is NOT tested. Install one, or set QUARRY_CHROMIUM.\n\n')

const EMAIL = 'ada@test.example'
const PASSWORD = 'a sentence that only ada knows'
/** Far longer than anything on a page takes on a quiet machine. */
const PATIENCE_MS = 30_000

// Not `runIf`: in CI a skipped test counts as failed.
if (inCi) it('has a Chromium in CI', () => expect(chromium).toBeDefined())

describe.skipIf(chromium === undefined)('the site in a browser', () => {
  let market: Marketplace
  let target: TargetSite
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let owner: ApiClient
  /** What went wrong in the console, and answers that came from elsewhere. */
  const complaints: string[] = []
  const strays: string[] = []

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const field = (label: string) => page.getByLabel(label, { exact: true })
  const text = (words: string | RegExp) => page.getByText(words).first()
  const goTo = (path: string) => page.goto(market.url + path)

  beforeAll(async () => {
    target = await TargetSite.start()
    market = await Marketplace.start()
    owner = await market.signUp('owner')
    browser = await launch(chromium!)
    context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      colorScheme: 'light',
    })
    context.setDefaultTimeout(PATIENCE_MS)
    page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    // What a policy stops begins as a request too, but is never answered.
    page.on('response', (response) => {
      if (/^https?:/.test(response.url()) && new URL(response.url()).host !== new URL(market.url).host)
        strays.push(response.url())
    })
  })

  afterAll(async () => {
    await browser?.close()
    await market?.stop()
    target?.close()
  })

  async function signIn(code?: string): Promise<void> {
    await field('Email').fill(EMAIL)
    await field('Password').fill(PASSWORD)
    await button('Sign in').click()
    if (code === undefined) return
    await field('Authentication code').fill(code)
    await button('Sign in').click()
  }

  async function signOut(): Promise<void> {
    await button('Display settings').click()
    // The list of sessions on the account has buttons of this name too.
    await page.getByRole('dialog', { name: 'Display settings' }).getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/\/login/)
  }

  /** By its number, not by how many are shown: the list holds only the rows in its window. */
  async function newestRun(): Promise<number> {
    const names = await button(/Show run/).evaluateAll((all) => all.map((each) => each.ariaLabel ?? each.textContent))
    return Math.max(0, ...names.map((name) => Number(/\d+/.exec(name ?? '')?.[0] ?? 0)))
  }

  it('registers, leads in, signs out and in again', async () => {
    await goTo('/')
    await page.waitForURL(/\/login/)
    await page.getByRole('link', { name: 'Create account' }).click()
    // The entrance that is left has fields of the same names.
    await page.getByRole('heading', { name: 'Create an account' }).waitFor()
    await field('Email').fill(EMAIL)
    await field('Password').fill(PASSWORD)
    await button('Create account').click()
    await page.waitForURL(/\/orders$/)
    await text('No orders yet').waitFor()
    await signOut()
    await signIn()
    await page.waitForURL(/\/orders$/)
    await page.reload()
    await text('No orders yet').waitFor()
  })

  it('refuses a wrong password in words, and stays', async () => {
    const other = await context.browser()!.newContext()
    const stranger = await other.newPage()
    await stranger.goto(`${market.url}/login`)
    await stranger.getByLabel('Email', { exact: true }).fill(EMAIL)
    await stranger.getByLabel('Password', { exact: true }).fill('not the password')
    await stranger.getByRole('button', { name: 'Sign in' }).click()
    await stranger.getByText(/Email, password or code is not right/).waitFor()
    expect(new URL(stranger.url()).pathname).toBe('/login')
    await other.close()
  })

  it('gets coins from the faucet and shows them in the journal', async () => {
    await page.getByRole('link', { name: 'Wallet' }).click()
    await field('Amount').fill('1000')
    await button('Get coins').click()
    await page
      .getByRole('table', { name: /Movements/ })
      .getByText('Coins received')
      .waitFor()
    await page.getByText('1,000').first().waitFor()
  })

  it('shows cost and times before an order is placed, and follows it live', async () => {
    await page.getByRole('link', { name: 'Orders', exact: true }).click()
    await page
      .getByRole('link', { name: /^(Place your first order|New order)$/ })
      .first()
      .click()
    await field('Address of the page').fill(`${target.url}/changing/live`)
    await field('Name (optional)').fill('A live order')
    await page.getByText('Every so often').click()
    await field('Repeat').selectOption('custom')
    await field('Interval').fill('10')
    await field('Unit').selectOption('seconds')
    await field('Repetitions').fill('200')
    await text('200 pages × 1 coin').waitFor()
    await text('First runs').waitFor()
    await text('800 coins').waitFor()
    await button('Place order').click()
    await page.waitForURL(/\/orders\/o[^/]+$/)
    await text('No run yet').waitFor()
    // From here on only the live connection may change the page.
    await page.evaluate(() => void Object.assign(window, { quarrySameDocument: true }))
    await market.miner(owner, 'miner')
    await button('Show run 1').waitFor()
    await button('Run now').click()
    await button('Show run 2').waitFor()
    expect(await page.evaluate(() => 'quarrySameDocument' in window)).toBe(true)
  })

  it('pauses and resumes', async () => {
    await button('Pause').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click()
    await button('Resume').and(page.locator(':enabled')).click()
    await button('Run now').waitFor()
    await text('Active').waitFor()
  })

  it('cancels with a refund', async () => {
    await button('Cancel order').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel and refund' }).click()
    await text('Cancelled').waitFor()
    await page.getByRole('link', { name: 'Order again' }).waitFor()
    await page.getByRole('link', { name: 'Wallet' }).click()
    await page
      .getByRole('table', { name: /Movements/ })
      .getByText('Refund')
      .first()
      .waitFor()
  })

  it('says what an order that cannot be paid lacks, and refuses a private address', async () => {
    await goTo('/orders/new')
    await field('Address of the page').fill('http://10.1.2.3/')
    await page.getByText('Once', { exact: true }).click()
    await button('Place order').click()
    await text(/does not lead to the public internet|not public|private/).waitFor()
    expect(new URL(page.url()).pathname).toBe('/orders/new')
  })

  it('speaks German on request, and remembers it', async () => {
    await goTo('/orders')
    await button('Display settings').click()
    await page.getByText('Deutsch').click()
    await page.getByRole('link', { name: 'Aufträge' }).waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'Aufträge' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    await button('Anzeige').click()
    await page.getByText('English').click()
    await page.getByRole('link', { name: 'Orders', exact: true }).waitFor()
  })

  it('shows a new API token once', async () => {
    await goTo('/account')
    await button('New token').click()
    await field('Token name').fill('my laptop')
    // Tokens are for accounts with a second factor; the rest of this file signs in by the password alone.
    const account = await ada()
    const token = await account.withTotp(async () => {
      await button('Create token').click()
      return (await page.getByRole('region', { name: 'token', exact: true }).innerText()).trim()
    })
    await button('Done').click()
    await page.getByRole('table', { name: 'Your API tokens' }).getByText('my laptop').waitFor()
    expect(await page.content()).not.toContain(token)
    const traded = await fetch(`${market.url}/api/v1/auth/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(traded.status).toBe(200)
    await button('Revoke my laptop').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await waitUntil('the token is refused', async () => {
      const again = await fetch(`${market.url}/api/v1/auth/token`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      })
      return again.status === 401
    })
  })

  it('recovers by itself when the server is killed and comes back', async () => {
    const session = await ada()
    const schedule = { kind: 'interval', intervalMs: 500 } as const
    const { id } = await session.place({
      url: `${target.url}/changing/killed`,
      name: 'Survivor',
      schedule,
      repetitions: 200,
    })
    await goTo(`/orders/${id}`)
    await button(/Show run/)
      .first()
      .waitFor()
    await page.evaluate(() => void Object.assign(window, { quarrySameDocument: true }))
    complaints.length = 0
    await market.process.kill()
    await text(/Reconnecting/).waitFor()
    await market.restart()
    await page.getByText(/Reconnecting/).waitFor({ state: 'detached' })
    const seen = await newestRun()
    await waitUntil('runs arrive again', async () => (await newestRun()) > seen)
    expect(await page.evaluate(() => 'quarrySameDocument' in window)).toBe(true)
    await (await ada()).cancel(id)
    // The browser itself complains about every request that failed meanwhile.
    expect(
      complaints.filter((words) => !/Failed to load resource|WebSocket connection|ERR_CONNECTION/.test(words)),
    ).toEqual([])
    complaints.length = 0
  })

  if (process.env['QUARRY_SCREENSHOTS'] === '1')
    it('makes the pictures of the README', () => takePictures(browser, market, target.url))

  it('asks for a second factor once it is set up, and signs out', async () => {
    await goTo('/account')
    await button('Turn on two-step sign-in').click()
    await field('Your password').fill(PASSWORD)
    await button('Continue').click()
    const secret = (await page.getByRole('region', { name: 'Secret' }).innerText()).replaceAll(/\s/g, '')
    const used = await generate({ secret })
    await field('Code from the app').fill(used)
    await button('Turn on').click()
    await page.getByRole('region', { name: 'recovery codes' }).waitFor()
    const [recovery] = (await page.getByRole('region', { name: 'recovery codes' }).innerText()).trim().split(/\s+/)
    await button('I have saved them').click()
    await text(/^On\. Signing in asks/).waitFor()
    await signOut()
    // A code works once: the next one is of the next half minute, which one step of clock drift allows at once.
    await signIn(await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 }))
    await page.waitForURL(/\/account$/)
    await signOut()
    await signIn(recovery)
    await page.waitForURL(/\/account$/)
    await signOut()
    await page.goBack()
    await page.waitForURL(/\/login/)
  })

  it('never asked anybody else for anything, and had nothing to complain about', () => {
    expect(strays).toEqual([])
    expect(complaints.filter((words) => !/status of (400|401)/.test(words))).toEqual([])
  })

  /** The same user by the API. */
  function ada(): Promise<ApiClient> {
    return ApiClient.signIn(market.url, { email: EMAIL, password: PASSWORD })
  }
})

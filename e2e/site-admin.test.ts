import { ApiClient, AppProcess, waitUntil } from '@quarry/testkit'
import { generate } from 'otplib'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessProblems, findChromium, launch, pageProblems, signIn } from './src/browser.ts'
import { Marketplace, once } from './src/marketplace.ts'

const chromium = findChromium()
const PATIENCE_MS = 30_000

describe.skipIf(chromium === undefined)('the administration on the site', () => {
  let market: Marketplace
  let browser: Browser
  let page: Page
  let admin: ApiClient
  let user: ApiClient
  let userPage: Page
  const complaints: string[] = []

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const field = (label: string) => page.getByLabel(label, { exact: true })
  const text = (words: string | RegExp) => page.getByText(words).first()
  const row = (name: string) => page.getByRole('row').filter({ hasText: name })
  const goTo = (path: string) => page.goto(market.url + path)
  const place = (name: string) =>
    page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name, exact: true })
  /** Sends the open dialog, which has a button of the same name as the one that opened it. */
  const confirm = (name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click()

  async function newPage(): Promise<Page> {
    const context: BrowserContext = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      colorScheme: 'light',
    })
    context.setDefaultTimeout(PATIENCE_MS)
    const fresh = await context.newPage()
    fresh.on('pageerror', (error) => complaints.push(String(error)))
    return fresh
  }

  beforeAll(async () => {
    market = await Marketplace.start()
    admin = await market.signUp('root')
    user = await market.signUp('paula')
    browser = await launch(chromium!)
    page = await newPage()
    userPage = await newPage()
    await signIn(page, market.url, admin)
    await signIn(userPage, market.url, user)
  })

  afterAll(async () => {
    await browser?.close()
    await market?.stop()
  })

  it('is closed to everybody else, on the site as by the API', async () => {
    await goTo('/admin')
    await text('This is for administrators').waitFor()
    expect(await page.getByRole('link', { name: 'Admin', exact: true }).count()).toBe(0)
    await expect(admin.call('/api/v1/admin/accounts')).rejects.toMatchObject({ code: 'scope_missing' })
  })

  it('opens to whom a command on the server made an administrator, once there is a second factor', async () => {
    const command = new AppProcess('auth', ['grant-admin', admin.email], { env: { QUARRY_DATA: market.dataDir } })
    expect(await command.exit()).toBe(0)
    await page.reload()
    await text('One step is missing').waitFor()
    await page.getByRole('link', { name: 'Set up two-step sign-in' }).click()
    await field('Your password').fill(admin.password)
    await button('Continue').click()
    const secret = (await page.getByRole('region', { name: 'Secret' }).innerText()).replaceAll(/\s/g, '')
    await field('Code from the app').fill(await generate({ secret }))
    await button('Turn on').click()
    await button('I have saved them').click()
    await page.waitForURL(/\/admin$/)
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Admin', exact: true }).waitFor()
    await row(user.email).waitFor()
  })

  it('finds a user, credits and debits coins with a reason, and the user sees it live', async () => {
    await field('Beginning of an address').fill('nobody')
    await text('No account has an address that begins like this.').waitFor()
    await field('Beginning of an address').fill('Pau')
    await row(admin.email).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: user.email }).click()
    await button('Credit coins').click()
    await confirm('Credit coins')
    await text('A whole number from 1 to 1,000,000,000.').waitFor()
    await text('Give a reason of at least three characters.').waitFor()
    await field('Coins').fill('70')
    await field('Reason').fill('a prize')
    await confirm('Credit coins')
    await text(`70 coins credited to ${user.email}.`).waitFor()
    await userPage.getByText('70', { exact: true }).first().waitFor()
    await button('Debit coins').click()
    await field('Coins').fill('71')
    await field('Reason').fill('a mistake')
    await confirm('Debit coins')
    await text('A whole number from 1 to 70.').waitFor()
    await field('Coins').fill('20')
    await confirm('Debit coins')
    await text(`20 coins debited from ${user.email}.`).waitFor()
    await waitUntil('coins have moved', async () => (await user.balance()) === 50)
  })

  it('denies a host, so that no order goes there, and allows it again', async () => {
    await place('Deny-list').click()
    await button('Deny a host').click()
    await field('Host').fill('not a host')
    await field('Reason').fill('its owner asked')
    await confirm('Deny a host')
    await text(/Not accepted: is no host name/).waitFor()
    await field('Host').fill('Shop.example.com')
    await confirm('Deny a host')
    await text('shop.example.com').waitFor()
    const order = once('https://www.shop.example.com/')
    await waitUntil('the rule counts', async () => {
      const refusal: unknown = await user.place(order).then(
        () => undefined,
        (error: unknown) => error,
      )
      return refusal instanceof Error && 'code' in refusal && refusal.code === 'host_denied'
    })
    await button('Allow shop.example.com').click()
    await field('Reason').fill('the owner changed their mind')
    await confirm('Allow')
    await text('No host is denied').waitFor()
  })

  it('shows the system, and checks the ledger', async () => {
    await place('System').click()
    await row('backend').getByText('Ready', { exact: true }).waitFor()
    await button('Check the ledger').click()
    await text('Every coin is where it belongs.').waitFor()
  })

  it('shuts an account, which signs its open page out, and opens it again', async () => {
    await place('Accounts').click()
    await page.getByRole('link', { name: user.email }).click()
    await button('Shut account').click()
    await field('Reason').fill('a complaint')
    await confirm('Shut account')
    await text('Shut').waitFor()
    await userPage.waitForURL(/\/login/)
    const { email, password } = user
    await expect(ApiClient.signIn(market.url, { email, password })).rejects.toMatchObject({ code: 'account_disabled' })
    await button('Open account').click()
    await field('Reason').fill('it was unfounded')
    await confirm('Open account')
    await button('Shut account').waitFor()
    await ApiClient.signIn(market.url, { email, password })
  })

  it('has every act in its log, with the reason', async () => {
    await place('Audit log').click()
    const acts = [
      ['Admin role given', 'grant-admin'],
      ['Coins credited: 70 coins', 'a prize'],
      ['Coins debited: 20 coins', 'a mistake'],
      ['Host denied', 'its owner asked'],
      ['Host allowed', 'the owner changed their mind'],
      ['Ledger checked', 'asked for'],
      ['Account shut', 'a complaint'],
      ['Account opened', 'it was unfounded'],
    ] as const
    for (const [what, reason] of acts) await row(what).filter({ hasText: reason }).waitFor()
    expect(await page.getByRole('row').count()).toBe(acts.length + 1)
  })

  it.each(['light', 'dark'] as const)('has nothing that axe complains about in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    const { userId } = user.session.user
    const paths = ['', `/accounts/${userId}`, '/deny-list', '/system', '/audit'].map((path) => `/admin${path}`)
    const problems = await pageProblems(page, market.url, paths)
    await goTo(`/admin/accounts/${userId}`)
    await button('Credit coins').click()
    await page.getByRole('dialog').waitFor()
    problems.push(...(await accessProblems(page)))
    expect(problems).toEqual([])
    expect(complaints).toEqual([])
  })
})

import { type ApiClient, IdentityProvider, waitUntil } from '@quarry/testkit'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'otplib'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessProblems, findChromium, launch, pageProblems } from './src/browser.ts'
import { Marketplace } from './src/marketplace.ts'

const chromium = findChromium()
const PASSWORD = 'a sentence that only nora knows'
const PATIENCE_MS = 30_000

describe.skipIf(chromium === undefined)('the other ways in, on the site', () => {
  let identity: IdentityProvider
  let folder: string
  let market: Marketplace
  let browser: Browser
  /** Where Nora signs in, here and at the provider. */
  let context: BrowserContext
  let page: Page
  let owner: ApiClient
  let secret = ''
  const complaints: string[] = []

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const field = (label: string) => page.getByLabel(label, { exact: true })
  const text = (words: string | RegExp) => page.getByText(words).first()
  const goTo = (path: string) => page.goto(market.url + path)

  beforeAll(async () => {
    identity = await IdentityProvider.start()
    identity.people.set('nora', { email: 'nora@office.example', verified: true })
    identity.people.set('carl', { email: 'carl@elsewhere.example', verified: true })
    folder = mkdtempSync(join(tmpdir(), 'quarry-secret-'))
    const clientSecretFile = join(folder, 'secret')
    writeFileSync(clientSecretFile, identity.clientSecret)
    const { issuer, clientId } = identity
    market = await Marketplace.start({
      QUARRY_SIGN_IN_PROVIDERS: JSON.stringify([{ id: 'office', name: 'Office', issuer, clientId, clientSecretFile }]),
      QUARRY_GUEST_ACCOUNT: 'demo@test.example',
    })
    await identity.serve([`${market.url}/api/v1/auth/elsewhere/office/callback`])
    owner = await market.signUp('demo')
    await owner.faucet(100)
    await owner.call('/api/v1/orders', {
      body: {
        url: 'https://example.org/',
        name: 'A page to show',
        schedule: { kind: 'interval', intervalMs: 3_600_000 },
        repetitions: 3,
      },
      headers: { 'idempotency-key': 'for-guests' },
    })
    browser = await launch(chromium!)
    context = await newContext()
    page = await newPage(context)
  })

  afterAll(async () => {
    await browser?.close()
    await market?.stop()
    identity?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function newContext(): Promise<BrowserContext> {
    const made = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    made.setDefaultTimeout(PATIENCE_MS)
    return made
  }

  async function newPage(where: BrowserContext): Promise<Page> {
    const made = await where.newPage()
    made.on('pageerror', (error) => complaints.push(String(error)))
    return made
  }

  /** Goes through the provider's own pages, which ask for a name and then for consent. */
  async function signInThere(name: string): Promise<void> {
    await page.locator('input[name="login"]').fill(name)
    await page.locator('input[name="password"]').fill('whatever')
    await page.locator('button[type="submit"]').click()
    await page.getByRole('button', { name: 'Continue' }).click()
  }

  async function signOut(): Promise<void> {
    await button('Display settings').click()
    await button('Sign out').click()
    await page.waitForURL(/\/login/)
  }

  it('shows the ways that are switched on, at once and in place', async () => {
    await page.addInitScript(() => {
      const shifts: number[] = []
      Object.assign(window, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value)
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await goTo('/login')
    await button('Continue with Office').waitFor()
    await button('Look around as a guest').waitFor()
    expect(await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)).toEqual([])
    expect(await pageProblems(page, market.url, ['/login'])).toEqual([])
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  it('makes an account for whoever comes the first time, and gives it a password', async () => {
    await goTo('/login')
    await button('Continue with Office').click()
    await signInThere('nora')
    await page.waitForURL(`${market.url}/orders`)
    await goTo('/account')
    await text('nora@office.example').waitFor()
    const links = page.getByRole('region', { name: 'Other ways to sign in' })
    await links.getByText('No password yet').waitFor()
    expect(await links.getByRole('button', { name: 'Unlink Office' }).isDisabled()).toBe(true)
    await links.getByRole('button', { name: 'Set a password' }).click()
    await field('New password').fill('short')
    await page.getByRole('dialog').getByRole('button', { name: 'Set a password' }).click()
    await text('Use at least 8 characters.').waitFor()
    expect(await accessProblems(page)).toEqual([])
    await field('New password').fill(PASSWORD)
    await page.getByRole('dialog').getByRole('button', { name: 'Set a password' }).click()
    await links.getByText('No password yet').waitFor({ state: 'detached' })
    await waitUntil('it can be unlinked', () => links.getByRole('button', { name: 'Unlink Office' }).isEnabled())
    expect(await pageProblems(page, market.url, ['/account'])).toEqual([])
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  it('asks for our second factor after the provider', async () => {
    const nora = await apiOf('nora@office.example')
    const enrolled = await nora('totp/enrol', { password: PASSWORD })
    secret = String(enrolled['secret'])
    await nora('totp/confirm', { code: await generate({ secret }) })
    await goTo('/orders')
    await signOut()
    await button('Continue with Office').click()
    await text('Office knows you.').waitFor()
    expect(await accessProblems(page)).toEqual([])
    await field('Authentication code').fill(await codeAhead())
    await button('Sign in').click()
    await page.waitForURL(`${market.url}/orders`)
    await signOut()
  })

  it('tells in words why somebody did not come in', async () => {
    const other = await newContext()
    page = await newPage(other)
    await goTo('/login')
    await button('Continue with Office').click()
    await page.getByRole('link', { name: 'Cancel' }).click()
    await text('The sign-in was cancelled at the other provider.').waitFor()
    identity.people.set('liar', { email: 'demo@test.example', verified: true })
    await button('Continue with Office').click()
    await signInThere('liar')
    await text('There is an account with this email address.').waitFor()
    expect(await accessProblems(page)).toEqual([])
    await other.close()
  })

  it('links a provider to an account by its password, and ends that again', async () => {
    const other = await newContext()
    page = await newPage(other)
    const vera = await market.signUp('vera')
    await goTo('/login')
    await field('Email').fill(vera.email)
    await field('Password').fill(vera.password)
    await button('Sign in').click()
    await page.waitForURL(/\/orders$/)
    await goTo('/account')
    await button('Link Office').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Your password', { exact: true }).fill('not hers')
    await dialog.getByRole('button', { name: 'Continue with Office' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(await accessProblems(page)).toEqual([])
    await dialog.getByLabel('Your password', { exact: true }).fill(vera.password)
    await waitUntil('another try is allowed', async () => {
      const again = dialog.getByRole('button', { name: 'Continue with Office' })
      if (await again.isVisible().catch(() => false)) await again.click({ timeout: 1000 }).catch(() => undefined)
      return page.url().startsWith(identity.issuer)
    })
    await signInThere('carl')
    await page.waitForURL(`${market.url}/account#links`)
    await text('carl@elsewhere.example').waitFor()
    await button('Unlink Office').click()
    await page.getByRole('dialog').getByLabel('Your password', { exact: true }).fill(vera.password)
    await page.getByRole('dialog').getByRole('button', { name: 'Unlink', exact: true }).click()
    await text('carl@elsewhere.example').waitFor({ state: 'detached' })
    await other.close()
  })

  it('lets a guest look around, and refuses politely what changes something', async () => {
    const other = await newContext()
    page = await newPage(other)
    await goTo('/login')
    await button('Look around as a guest').click()
    await page.waitForURL(`${market.url}/orders`)
    await text('You are a guest.').waitFor()
    await text('A page to show').waitFor()
    expect(await page.getByRole('link', { name: 'Account' }).count()).toBe(0)
    expect(await page.content()).not.toContain(owner.email)
    await page.reload()
    await text('You are a guest.').waitFor()
    expect(await pageProblems(page, market.url, ['/orders', '/wallet'])).toEqual([])
    await page.setViewportSize({ width: 1280, height: 900 })
    await goTo('/orders')
    await text('A page to show').click()
    await button('Cancel order').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel and refund' }).click()
    await text('Guests look around and change nothing.').waitFor()
    await page.keyboard.press('Escape')
    await button('Sign in or create an account').click()
    await page.waitForURL(/\/login/)
    await other.close()
  })

  it('threw no error in the browser', () => expect(complaints).toEqual([]))

  const codeAhead = () => generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 })

  /** Signs in by the API, and calls auth with that. */
  async function apiOf(email: string) {
    const post = async (path: string, body: object, token?: string) => {
      const response = await fetch(`${market.url}/api/v1/auth/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as Record<string, unknown>
    }
    const { accessToken } = await post('login', { email, password: PASSWORD })
    return (path: string, body: object) => post(path, body, String(accessToken))
  }
})

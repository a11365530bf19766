import type { OwnAccountView } from '@quarry/contracts'
import { ApiClient, waitUntil } from '@quarry/testkit'
import { readFileSync } from 'node:fs'
import { generate } from 'otplib'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessProblems, findChromium, launch, pageProblems } from './src/browser.ts'
import { Marketplace } from './src/marketplace.ts'

const chromium = findChromium()
const EMAIL = 'vera@test.example'
const PASSWORD = 'a sentence that only vera knows'
const NEW_PASSWORD = 'another sentence of hers'
const PATIENCE_MS = 30_000

describe.skipIf(chromium === undefined)('an account on the site', () => {
  let market: Marketplace
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** The same user by the API, until every other session is ended. */
  let api: ApiClient
  let secret = ''
  let codes: string[] = []
  const complaints: string[] = []

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const field = (label: string) => page.getByLabel(label, { exact: true })
  const text = (words: string | RegExp) => page.getByText(words).first()
  const dialog = (name: string) => page.getByRole('dialog', { name, exact: true })
  const goTo = (path: string) => page.goto(market.url + path)

  beforeAll(async () => {
    market = await Marketplace.start()
    browser = await launch(chromium!)
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    context.setDefaultTimeout(PATIENCE_MS)
    page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
  })

  afterAll(async () => {
    await browser?.close()
    await market?.stop()
  })

  async function signIn(where: Page, password: string, code: string): Promise<void> {
    await where.goto(`${market.url}/login`)
    await where.getByLabel('Email', { exact: true }).fill(EMAIL)
    await where.getByLabel('Password', { exact: true }).fill(password)
    await where.getByRole('button', { name: 'Sign in' }).click()
    await where.getByLabel('Authentication code', { exact: true }).fill(code)
    await where.getByRole('button', { name: 'Sign in' }).click()
    await where.waitForURL(/\/orders$/)
  }

  /** Shows both factors in the open dialog; the code is a recovery code, because a computed one works once in a minute. */
  async function confirm(password: string, action: string): Promise<void> {
    await field('Your password').fill(password)
    await field('Authentication code').fill(codes.pop()!)
    await page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click()
  }

  /** After a wrong guess nothing is looked at for a moment: sends again until `shown` is there. */
  async function submitUntil(submit: Locator, shown: Locator, refill = () => Promise.resolve()): Promise<void> {
    const tooSoon = text('Too many requests')
    await waitUntil('a guess may be made again', async () => {
      await submit.click()
      await shown.or(tooSoon).first().waitFor()
      if (await shown.isVisible()) return true
      await refill()
      return false
    })
  }

  async function readCodes(): Promise<string[]> {
    const shown = await page.getByRole('region', { name: 'recovery codes' }).innerText()
    return shown.trim().split(/\s+/)
  }

  it('asks a new user for a second factor, once, and goes on saying so on the account page', async () => {
    await goTo('/register')
    await field('Email').fill(EMAIL)
    await field('Password').fill(PASSWORD)
    await button('Create account').click()
    await page.waitForURL(/\/orders$/)
    await text('Make a stolen password worthless').waitFor()
    await page.getByRole('link', { name: 'Set up now' }).click()
    await page.waitForURL(/\/account\/second-factor$/)
    await button('Cancel').click()
    await page.waitForURL(/\/account$/)
    await goTo('/orders')
    await button('Later').click()
    await page.reload()
    await text('No orders yet').waitFor()
    expect(await page.getByText('Make a stolen password worthless').count()).toBe(0)
    await goTo('/account')
    await text(/^Off\. Until it is on/).waitFor()
  })

  it('leads from what needs a second factor to its enrolment, by QR code and text', async () => {
    api = await ApiClient.signIn(market.url, { email: EMAIL, password: PASSWORD })
    await api.faucet(500)
    await button('New token').first().click()
    await field('Token name').fill('my laptop')
    await button('Create token').click()
    await page.getByRole('link', { name: 'Set up two-step sign-in' }).click()
    await page.waitForURL(/\/account\/second-factor$/)
    await field('Your password').fill('not it')
    await button('Continue').click()
    await text('Password or code is not right.').waitFor()
    await field('Your password').fill(PASSWORD)
    await submitUntil(button('Continue'), page.getByRole('region', { name: 'Secret' }))
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    secret = (await page.getByRole('region', { name: 'Secret' }).innerText()).replaceAll(/\s/g, '')
    await field('Code from the app').fill(await generate({ secret }))
    await button('Turn on').click()
    codes = await readCodes()
    expect(codes).toHaveLength(10)
    const saving = page.waitForEvent('download')
    await button('Save as file').click()
    const saved = readFileSync(await (await saving).path(), 'utf8')
    expect(saved).toContain(EMAIL)
    for (const code of codes) expect(saved).toContain(code)
    await page.emulateMedia({ media: 'print' })
    expect(await text(/^Recovery codes of Quarry for vera/).isVisible()).toBe(true)
    expect(await page.getByRole('navigation', { name: 'Main' }).isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
    await button('I have saved them').click()
    await text(/^On\. Signing in asks/).waitFor()
    await text('10 of 10 left.').waitFor()
  })

  it('signs in with a computed code', async () => {
    await button('Display settings').click()
    await page.getByRole('dialog', { name: 'Display settings' }).getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/\/login/)
    // One step ahead, which the drift allows: the code of this one was used by the enrolment.
    await signIn(page, PASSWORD, await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 }))
  })

  it('changes the password, which signs an open page elsewhere out at once', async () => {
    const elsewhere = await browser.newContext({ locale: 'en-GB' })
    elsewhere.setDefaultTimeout(PATIENCE_MS)
    const otherPage = await elsewhere.newPage()
    await signIn(otherPage, PASSWORD, codes.pop()!)
    await goTo('/account')
    await text('9 of 10 left.').waitFor()
    expect(await button('Sign out').count()).toBeGreaterThan(1)
    await button('Change password').click()
    await field('New password').fill('short')
    await field('Your password').fill(PASSWORD)
    await button('Save new password').click()
    await text('Use at least 8 characters.').waitFor()
    await field('New password').fill(NEW_PASSWORD)
    await text(/^Every other browser is signed out at once/).waitFor()
    await confirm(PASSWORD, 'Save new password')
    await text('Your password is the new one now.').waitFor()
    await otherPage.waitForURL(/\/login/)
    await text('8 of 10 left.').waitFor()
    await waitUntil('this browser alone is signed in', async () => (await button('Sign out').count()) === 0)
    await expect(ApiClient.signIn(market.url, { email: EMAIL, password: PASSWORD })).rejects.toMatchObject({
      code: 'sign_in_failed',
    })
    await elsewhere.close()
  })

  it('renews the recovery codes, after asking again when a factor was wrong', async () => {
    await button('Get new codes').click()
    await field('Your password').fill(NEW_PASSWORD)
    await field('Authentication code').fill('0000-0000-0000-0000')
    await dialog('New recovery codes').getByRole('button', { name: 'Get new codes' }).click()
    await text('Password or code is not right.').waitFor()
    expect(await field('Your password').inputValue()).toBe(NEW_PASSWORD)
    const old = codes
    await field('Authentication code').fill(old.at(-1)!)
    const renew = dialog('New recovery codes').getByRole('button', { name: 'Get new codes' })
    await submitUntil(renew, page.getByRole('region', { name: 'recovery codes' }), async () => {
      await field('Authentication code').fill(old.at(-1)!)
    })
    codes = await readCodes()
    expect(codes).toHaveLength(10)
    expect(codes).not.toEqual(expect.arrayContaining([old[0]]))
    await button('I have saved them').click()
    await text('10 of 10 left.').waitFor()
  })

  it('keeps the language for mails, and limits what an order may cost', async () => {
    await page.getByText('Deutsch', { exact: true }).click()
    await page.getByRole('heading', { name: 'Sicherheit' }).waitFor()
    const own = async () => {
      const answer = await page.evaluate(async () => {
        const refreshed = await fetch('/api/v1/auth/refresh', { method: 'POST' })
        return (await refreshed.json()) as { user: OwnAccountView['user'] }
      })
      return answer.user.language
    }
    await waitUntil('the server knows', async () => (await own()) === 'de')
    await page.getByText('English', { exact: true }).click()
    await page.getByRole('heading', { name: 'Security' }).waitFor()
    await field('Most coins for one order').fill('0')
    await button('Save limits').click()
    await text(/^A whole number from 1/).waitFor()
    await field('Most coins for one order').fill('5')
    await field('Most coins in a month').fill('300')
    await button('Save limits').click()
    await text('0 of 300 coins spent this month (universal time).').waitFor()
  })

  it.each(['light', 'dark'] as const)('has nothing that axe complains about in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    const problems = await pageProblems(page, market.url, ['/account', '/account/second-factor', '/farewell'])
    const width = colorScheme === 'light' ? 1280 : 390
    await page.setViewportSize({ width, height: 900 })
    await goTo('/account')
    for (const name of ['Change password', 'Get new codes', 'Turn off', 'Download ZIP', 'Delete account …']) {
      await button(name).click()
      await page.getByRole('dialog').waitFor()
      problems.push(...(await accessProblems(page)).map((problem) => `${name} at ${width}: ${problem}`))
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await page.setViewportSize({ width: 1280, height: 900 })
    expect(problems).toEqual([])
  })

  it('turns the second factor off by both factors', async () => {
    await goTo('/account')
    await button('Turn off').click()
    await confirm(NEW_PASSWORD, 'Turn off')
    await text(/^Off\. Until it is on/).waitFor()
    api = await ApiClient.signIn(market.url, { email: EMAIL, password: NEW_PASSWORD })
    const tooDear = { url: 'https://example.com/', schedule: { kind: 'interval', intervalMs: 60_000 }, repetitions: 6 }
    await expect(api.place({ ...tooDear, name: '' } as never)).rejects.toMatchObject({ code: 'order_cap' })
  })

  it('hands out everything as a ZIP', async () => {
    await button('Download ZIP').click()
    const saving = page.waitForEvent('download')
    await field('Your password').fill(NEW_PASSWORD)
    await dialog('Take everything along').getByRole('button', { name: 'Download ZIP' }).click()
    const saved = await saving
    expect(saved.suggestedFilename()).toMatch(/^quarry-.*\.zip$/)
    const zip = readFileSync(await saved.path())
    expect(zip.subarray(0, 2).toString()).toBe('PK')
    expect(zip.includes('account.json')).toBe(true)
    await text('The download has begun.').waitFor()
  })

  it('deletes the account when its address is typed, tells the coins, and says farewell', async () => {
    await goTo('/account')
    await button('Delete account …').click()
    await text('You forfeit 500 coins.').waitFor()
    await field('Your password').fill(NEW_PASSWORD)
    await field('The email address of this account').fill('somebody@else.example')
    await button('Delete for good').click()
    await text(`This is not ${EMAIL}.`).waitFor()
    await field('The email address of this account').fill(EMAIL)
    await button('Delete for good').click()
    await page.waitForURL(/\/farewell$/)
    await text('Your account is gone').waitFor()
    await goTo('/account')
    await page.waitForURL(/\/login/)
    await expect(ApiClient.signIn(market.url, { email: EMAIL, password: NEW_PASSWORD })).rejects.toMatchObject({
      code: 'sign_in_failed',
    })
    expect(complaints).toEqual([])
  })
})

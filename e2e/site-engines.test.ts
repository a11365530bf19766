import { onCluster } from '@quarry/engines-under-test'
import type { TotpEnrolmentView } from '@quarry/contracts'
import { TargetSite, type ApiClient } from '@quarry/testkit'
import { generate } from 'otplib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launch, signIn } from './src/browser.ts'
import { Marketplace, settled } from './src/marketplace.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000

onCluster(() => {
  describe.skipIf(chromium === undefined)('the site on the engines, two of each service behind Traefik', () => {
    let market: Marketplace
    let target: TargetSite
    let browser: Browser
    let user: ApiClient
    let owner: ApiClient
    /** Two browsers of one customer, each held to another backend. */
    let here: Page
    let there: Page
    let orderId = ''
    const complaints: string[] = []

    beforeAll(async () => {
      target = await TargetSite.start()
      market = await Marketplace.onEngines({}, { web: 2 })
      user = await market.signUp('ada')
      owner = await market.signUp('owner')
      await user.faucet(1_000)
      browser = await launch(chromium!)
      here = await openBrowser()
      there = await openBrowser()
    })

    afterAll(async () => {
      await browser?.close()
      await market?.stop()
      target?.close()
    })

    async function openBrowser(): Promise<Page> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
      context.setDefaultTimeout(PATIENCE_MS)
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(String(error)))
      return page
    }

    const backendOf = async (page: Page) =>
      (await page.context().cookies()).find(({ name }) => name === 'quarry_backend')?.value

    it('signs in by password and code, at whichever instance answers', async () => {
      await signIn(here, market.url, user)
      const { secret } = await user.call<TotpEnrolmentView>('/api/v1/auth/totp/enrol', {
        body: { password: user.password },
      })
      await user.call('/api/v1/auth/totp/confirm', { body: { code: await generate({ secret }) } })
      await there.goto(`${market.url}/login`)
      await there.getByLabel('Email', { exact: true }).fill(user.email)
      await there.getByLabel('Password', { exact: true }).fill(user.password)
      await there.getByRole('button', { name: 'Sign in', exact: true }).click()
      // A code works once: the next one is of the next half minute, which one step of clock drift allows at once.
      const next = await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 })
      await there.getByLabel('Authentication code', { exact: true }).fill(next)
      await there.getByRole('button', { name: 'Sign in', exact: true }).click()
      await there.waitForURL(/\/orders$/)
      for (const page of [here, there]) {
        await page.reload()
        await page.getByText('No orders yet').waitFor()
      }
    })

    it('shows what one browser does in the other, which another backend serves', async () => {
      while ((await backendOf(there)) === (await backendOf(here))) {
        await there.context().clearCookies({ name: 'quarry_backend' })
        await there.goto(`${market.url}/orders`)
        await there.getByText('No orders yet').waitFor()
      }
      for (const page of [here, there])
        await page.evaluate(() => void Object.assign(window, { quarrySameDocument: true }))
      await user.place({
        url: `${target.url}/changing/engines`,
        name: 'Seen everywhere',
        schedule: { kind: 'interval', intervalMs: 500 },
        repetitions: 300,
      })
      for (const page of [here, there]) await page.getByRole('link', { name: 'Seen everywhere' }).click()
      orderId = new URL(here.url()).pathname.split('/').pop()!
      await market.miner(owner, 'miner')
      for (const page of [here, there]) await page.getByRole('button', { name: 'Show run 1', exact: true }).waitFor()
      await here.getByRole('button', { name: 'Pause', exact: true }).click()
      await here.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click()
      await there.getByRole('button', { name: 'Resume', exact: true }).and(there.locator(':enabled')).click()
      await here.getByRole('button', { name: 'Pause', exact: true }).waitFor()
      for (const page of [here, there]) expect(await page.evaluate(() => 'quarrySameDocument' in window)).toBe(true)
    })

    it('goes on, without a reload, when the backend of a browser is killed', async () => {
      const before = (await user.order(orderId)).delivered
      for (const name of ['backend-1', 'auth-1', 'coin-1']) market.cluster.signal(name, 'SIGKILL')
      const runs = new RegExp(`^Show run ${before + 5}$`)
      for (const page of [here, there]) await page.getByRole('button', { name: runs }).waitFor()
      for (const page of [here, there]) expect(await page.evaluate(() => 'quarrySameDocument' in window)).toBe(true)
    })

    it('cancels in one, and shows the refund in both', async () => {
      await here.getByRole('button', { name: 'Cancel order' }).click()
      await here.getByRole('dialog').getByRole('button', { name: 'Cancel and refund' }).click()
      for (const page of [here, there]) await page.getByRole('link', { name: 'Order again' }).waitFor()
      const [order] = await settled(user, [orderId])
      for (const page of [here, there]) {
        await page.getByRole('link', { name: 'Wallet' }).click()
        await page
          .getByRole('table', { name: /Movements/ })
          .getByText('Refund')
          .first()
          .waitFor()
        await page
          .getByText(String(1_000 - order!.delivered), { exact: true })
          .first()
          .waitFor()
      }
      expect(await market.audit()).toEqual({ code: 0, words: 'The ledger is sound.' })
      expect(complaints).toEqual([])
    })
  })
})

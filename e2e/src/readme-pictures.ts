import { waitUntil, workspaceRoot, type ApiClient } from '@quarry/testkit'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { signIn } from './browser.ts'
import type { Marketplace } from './marketplace.ts'

const WIDE = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

interface Look {
  readonly colours: 'light' | 'dark'
  readonly language: string
  readonly viewport: typeof WIDE
  readonly only?: string
}

/** What is pictured: `docs/pictures/<page>-<colours>-<language>[-phone].png`. */
const looks: readonly Look[] = [
  { colours: 'light', language: 'en', viewport: WIDE },
  // The README shows this one to whoever reads it in the dark.
  { colours: 'dark', language: 'en', viewport: WIDE, only: 'orders' },
  { colours: 'light', language: 'de', viewport: PHONE },
  { colours: 'dark', language: 'de', viewport: WIDE },
]

/** The pages of the README and of `docs/site.md`, with orders of a user of their own. */
export async function takePictures(browser: Browser, market: Marketplace, site: string): Promise<void> {
  const user = await market.signUp('grace')
  await user.faucet(10_000)
  const orderId = await placeOrders(user, site)
  await market.miner(user, 'attic', { args: ['--allow-address', '127.0.0.1/32', '--name', 'Attic'] })
  await waitUntil('much has run', async () => (await user.order(orderId)).delivered >= 24)
  const pages = {
    orders: '/orders',
    'new-order': '/orders/new',
    order: `/orders/${orderId}`,
    wallet: '/wallet',
    miners: '/miners',
    account: '/account',
  }
  const folder = join(workspaceRoot(), 'docs', 'pictures')
  mkdirSync(folder, { recursive: true })
  for (const { colours, language, viewport, only } of looks) {
    const context = await browser.newContext({ viewport, locale: language, colorScheme: colours })
    const page = await context.newPage()
    // Somebody who has been here for a while.
    await page.addInitScript((userId) => {
      for (const name of ['first-steps', `second-factor-${userId}`]) localStorage.setItem(`quarry-${name}`, 'off')
    }, user.session.user.userId)
    await signIn(page, market.url, user)
    for (const [name, path] of Object.entries(pages)) {
      if (only !== undefined && name !== only) continue
      await page.goto(market.url + path)
      await waitUntil(
        'everything has loaded',
        async () =>
          (await page.locator('h1').count()) > 0 && (await page.locator('main [class*="Skeleton"]').count()) === 0,
      )
      // Charts draw themselves after their data has come.
      await page.waitForTimeout(1_000)
      const phone = viewport === PHONE ? '-phone' : ''
      await page.screenshot({ path: join(folder, `${name}-${colours}-${language}${phone}.png`) })
    }
    await context.close()
  }
}

/** Orders as somebody might have; returns the one whose page is pictured. */
async function placeOrders(user: ApiClient, site: string): Promise<string> {
  const names = {
    '/status/503': 'Water levels',
    '/missing': 'Vacancies',
    '/page': 'Press releases',
    '/busy/503/3': 'Timetable',
    '/changing/prices': 'Prices of the week',
  }
  let last = ''
  for (const [path, name] of Object.entries(names)) {
    const schedule = { kind: 'interval', intervalMs: 1000 } as const
    last = (await user.place({ url: site + path, name, schedule, repetitions: 200 })).id
  }
  return last
}

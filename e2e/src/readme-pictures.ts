import { waitUntil, workspaceRoot } from '@quarry/testkit'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import type { Marketplace } from './marketplace.ts'

/** `docs/site-orders.png` and `docs/site-order.png`: orders of a user of their own. */
export async function takePictures(browser: Browser, market: Marketplace, site: string): Promise<void> {
  const user = await market.signUp('grace')
  await user.faucet(10_000)
  const every = (intervalMs: number) => ({ kind: 'interval', intervalMs }) as const
  const names = {
    '/status/503': 'Water levels',
    '/missing': 'Vacancies',
    '/page': 'Press releases',
    '/busy/503/3': 'Timetable',
    '/changing/prices': 'Prices of the week',
  }
  let shown = ''
  for (const [path, name] of Object.entries(names)) {
    shown = (await user.place({ url: site + path, name, schedule: every(1000), repetitions: 60 })).id
  }
  await waitUntil('much has run', async () => (await user.order(shown)).delivered >= 24)
  const light = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    colorScheme: 'light',
  })
  const picture = await light.newPage()
  await picture.goto(`${market.url}/login`)
  await picture.getByLabel('Email', { exact: true }).fill(user.email)
  await picture.getByLabel('Password', { exact: true }).fill(user.password)
  await picture.getByRole('button', { name: 'Sign in' }).click()
  await picture.getByText('Water levels').waitFor()
  const folder = join(workspaceRoot(), 'docs')
  mkdirSync(folder, { recursive: true })
  await picture.screenshot({ path: join(folder, 'site-orders.png') })
  await picture.getByRole('link', { name: 'Prices of the week' }).click()
  await picture
    .getByRole('button', { name: /Show run/ })
    .first()
    .waitFor()
  await picture.screenshot({ path: join(folder, 'site-order.png') })
  await light.close()
}

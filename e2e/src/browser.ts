import AxeBuilder from '@axe-core/playwright'
import { waitUntil } from '@quarry/testkit'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const FLAGS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run']

/** Where a Chromium is: `QUARRY_CHROMIUM`, or the first of the usual names on the PATH or in /usr/bin. */
export function findChromium(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin']
  const known = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return process.env['QUARRY_CHROMIUM'] ?? known.find((file) => existsSync(file))
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS })
}

/** What axe finds wrong with the page as it stands, in words. */
export async function accessProblems(page: Page): Promise<string[]> {
  // A colour in transition is neither of the two that were designed.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(({ playState, effect }) => playState !== 'running' || effect?.getComputedTiming().endTime === Infinity),
  )
  // Only the page itself: in the frame of a preview nothing may run, axe neither.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`))
}

/** What is wrong with pages in a wide and in a narrow window: what axe finds, and what has to be scrolled sideways. */
export async function pageProblems(page: Page, origin: string, paths: readonly string[]): Promise<string[]> {
  const problems: string[] = []
  for (const path of paths) {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      await page.goto(origin + path)
      await page.locator('h1, h2, form').first().waitFor()
      await waitUntil(
        'everything has loaded',
        async () => (await page.locator('main [class*="Skeleton"]').count()) === 0,
      )
      problems.push(...(await accessProblems(page)).map((problem) => `${path} at ${width}: ${problem}`))
      const widerPx = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      if (widerPx > 0) problems.push(`${path} at ${width} is ${widerPx} px too wide`)
    }
  }
  return problems
}

/** Signs a user in by the form; ends on their orders. */
export async function signIn(
  page: Page,
  origin: string,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<void> {
  await page.goto(`${origin}/login`)
  await page.locator('input[type="email"], input[autocomplete="username"]').first().fill(email)
  await page.locator('input[type="password"]').first().fill(password)
  await page.locator('form button[type="submit"]').click()
  await page.waitForURL(/\/orders$/)
}

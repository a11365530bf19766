import type { BalanceView, OrderView, PageView, Scope, SessionView } from '@quarry/contracts'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from './api-call.ts'
import { ClientProcess } from './built-in-clients.ts'
import { findDisagreements, readManifest, type DemoOutcome } from './demo/check-outcome.ts'
import { demoOrderInput, demoOrders, REPETITIONS } from './demo/demo-orders.ts'
import { startDemoSite } from './demo/demo-site.ts'
import { progressLine, reportLines } from './demo/print-report.ts'
import { makeApiTokens } from './make-api-tokens.ts'
import { startMarketplace } from './marketplace.ts'

const COINS = 100
const PATIENCE_MS = 90_000
const LOOK_MS = 250
const SIZE_LIMIT_BYTES = 1024 * 1024

const print = (line: string) => void process.stdout.write(`${line}\n`)

/** An account of the demo, with the one API token that its program needs. */
async function account(url: string, name: string, scope: Scope): Promise<{ session: string; apiToken: string }> {
  const credentials = { email: `${name}@quarry.local`, password: randomBytes(12).toString('base64url') }
  await call(url, '/api/v1/auth/register', { body: credentials })
  const session = await call<SessionView>(url, '/api/v1/auth/login', { body: credentials })
  const { password } = credentials
  const { apiToken } = await makeApiTokens(url, { session, password }, { apiToken: { name: 'demo', scopes: [scope] } })
  return { session: session.accessToken, apiToken }
}

const balanceOf = (url: string, token: string) => call<BalanceView>(url, '/api/v1/coins/balance', { token })

/** Watches until every repetition is settled and on disk, or patience ends. */
async function watch(url: string, token: string, out: string): Promise<readonly OrderView[]> {
  const until = performance.now() + PATIENCE_MS
  const all = demoOrders.length * REPETITIONS
  let shown = ''
  for (;;) {
    const { items } = await call<PageView<OrderView>>(url, '/api/v1/orders', { token })
    const line = progressLine(items)
    if (line !== shown) process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`)
    shown = line
    const escrow = items.reduce((sum, order) => sum + order.coins.inEscrow, 0)
    if ((readManifest(out).length >= all && escrow === 0) || performance.now() > until) return items.toReversed()
    await sleep(LOOK_MS)
  }
}

async function runDemo(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-demo-'))
  const out = join(folder, 'results')
  const site = await startDemoSite()
  const marketplace = await startMarketplace(
    {
      port: 0,
      host: '127.0.0.1',
      dataDir: join(folder, 'data'),
      resultsDir: out,
      miner: true,
      receiver: true,
      services: undefined,
    },
    {
      ...process.env,
      QUARRY_ALLOW_ADDRESSES: '127.0.0.1/32',
      QUARRY_HOST_GAPS: `${site.host}=100`,
      QUARRY_MIN_INTERVAL_MS: '1000',
      QUARRY_MAX_BODY_BYTES: String(SIZE_LIMIT_BYTES),
    },
  )
  const { url } = marketplace
  const customer = await account(url, 'customer', 'results:read')
  const miner = await account(url, 'miner', 'mine')
  await call(url, '/api/v1/coins/faucet', { token: customer.session, body: { amountCoins: COINS } })
  const before = await balanceOf(url, customer.session)
  const clients = [
    new ClientProcess(
      {
        name: 'miner',
        entry: 'mining-client',
        args: [
          'mine',
          '--server',
          url,
          '--data',
          join(folder, 'miner'),
          '--allow-address',
          '127.0.0.1/32',
          '--concurrency',
          '8',
        ],
        env: { QUARRY_TOKEN: miner.apiToken },
      },
      () => undefined,
    ),
    new ClientProcess(
      {
        name: 'results',
        entry: 'result-client',
        args: ['pull', '--server', url, '--out', out],
        env: { QUARRY_TOKEN: customer.apiToken },
      },
      print,
    ),
  ]
  for (const client of clients) client.start()
  print(`Marketplace at ${url}, a small site to scrape at ${site.url}.`)
  print(`Ordering ${demoOrders.length} pages, ${REPETITIONS} repetitions each, one every two seconds.\n`)
  for (const order of demoOrders) {
    await call<OrderView>(url, '/api/v1/orders', { token: customer.session, body: demoOrderInput(site.url, order) })
  }
  const orders = await watch(url, customer.session, out)
  const outcome: DemoOutcome = {
    orders,
    customer: { before, after: await balanceOf(url, customer.session) },
    miner: await balanceOf(url, miner.session),
    received: readManifest(out),
    ledgerViolations: await marketplace.engines.ledger.audit(Date.now()),
  }
  for (const client of clients) await client.stop()
  await marketplace.stop()
  site.close()
  print(`\n\n${reportLines(outcome).join('\n')}`)
  const problems = findDisagreements(outcome, out)
  rmSync(folder, { recursive: true, force: true })
  print(problems.length === 0 ? '\nFiles, coins and ledger agree.' : `\nThis does not agree:\n${problems.join('\n')}`)
  return problems.length === 0 ? 0 : 1
}

process.exit(await runDemo())

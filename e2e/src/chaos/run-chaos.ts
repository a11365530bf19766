import { TargetSite, waitUntil, type ApiClient } from '@quarry/testkit'
import type { RunResult } from '@quarry/domain'
import { Marketplace } from '../marketplace.ts'
import { readManifest } from '../received-folder.ts'
import { applyFaults } from './apply-faults.ts'
import { auditOutcome, type Ordered } from './audit-outcome.ts'
import { ChaosClients } from './clients.ts'
import { planFaults } from './fault-plan.ts'
import { persistently, placeLoad, placeOnTheWay } from './load.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly durationMs: number
  readonly say: (line: string) => void
}

export interface ChaosReport {
  readonly seed: number
  readonly faults: number
  readonly runs: number
  readonly pages: number
  /** From due to the end of the last attempt, of every run. */
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** From the last fault's end until every result was on disk and every coin settled. */
  readonly recoveryMs: number
  readonly problems: readonly string[]
}

const scale = {
  auth: 2,
  backend: 2,
  coin: 2,
  'scheduler-manager': 2,
  scheduler: 3,
  'mining-server': 3,
  'result-server': 3,
} as const
const CUSTOMERS = 2
const MINERS = 6
const START_COINS = 100_000
const RECOVERY_MS = 240_000
const LATE_ORDER_MS = 4_000

/** One seeded run on real engines: load, faults, recovery, audit. Rejects when it could not be carried out. */
export async function runChaos({ seed, durationMs, say }: ChaosOptions): Promise<ChaosReport> {
  const site = await TargetSite.start()
  // Long enough for a customer to see everything through an outage, and short leases so that a lost miner costs little.
  const market = await Marketplace.onEngines({ QUARRY_LEASE_MS: '10000', QUARRY_LOG_LEVEL: 'info' }, scale)
  try {
    const customers = await signUpAll(market, 'customer', CUSTOMERS)
    const owners = await signUpAll(market, 'owner', MINERS)
    for (const customer of customers) await customer.faucet(START_COINS)
    const clients = await ChaosClients.start(market, { owners, customers })
    const services = market.cluster.members.filter(({ kind, name }) => kind === 'service' && !name.startsWith('web'))
    const faults = planFaults(seed, durationMs, { services: services.map(({ name }) => name), clients: clients.names })
    say(`seed ${seed}: ${faults.length} faults in ${durationMs / 1000} s`)
    const ordered = await Promise.all(
      customers.map(async (customer, nth) => {
        const orders = await placeLoad(customer, site, durationMs)
        return { customer, folder: `receiver-${nth}`, orders: [...orders] }
      }),
    )
    const [late] = await Promise.all([
      placeOnTheWay(customers[0]!, site, { durationMs, everyMs: LATE_ORDER_MS }),
      applyFaults(faults, { cluster: market.cluster, clients, say }),
    ])
    ordered[0]!.orders.push(...late)
    const endedAt = performance.now()
    await recovered(market, ordered)
    const recoveryMs = performance.now() - endedAt
    const unwilling = await clients.drain()
    const { problems, runs } = await auditOutcome(market, ordered, owners)
    return {
      seed,
      faults: faults.length,
      runs: runs.length,
      pages: runs.filter(({ outcome }) => outcome.kind === 'page').length,
      latenessMs: lateness(runs),
      recoveryMs,
      problems: [...unwilling, ...problems],
    }
  } finally {
    await market.stop()
    site.close()
  }
}

async function signUpAll(market: Marketplace, role: string, count: number): Promise<readonly ApiClient[]> {
  return Promise.all(
    Array.from({ length: count }, (_, nth) =>
      persistently('everyone is signed up', () => market.signUp(`${role}-${nth}`)),
    ),
  )
}

/** Waits until every repetition is settled and on disk; what is still missing then, the audit will name. */
async function recovered(market: Marketplace, ordered: readonly Ordered[]): Promise<void> {
  const until = performance.now() + RECOVERY_MS
  for (const { customer, orders, folder } of ordered) {
    const due = orders.reduce((sum, order) => sum + order.repetitions, 0)
    const open = new Set(orders.map(({ id }) => id))
    const settled = async () => {
      for (const id of open) {
        const view = await persistently('the order is shown', () => customer.order(id))
        if (view.coins.inEscrow === 0) open.delete(id)
      }
      return open.size === 0 && readManifest(market.out(folder)).length >= due
    }
    await waitUntil('all is settled', settled, Math.max(1_000, until - performance.now())).catch(() => undefined)
  }
}

function lateness(runs: readonly RunResult[]): ChaosReport['latenessMs'] {
  const late = runs.map(({ dueAt, finishedAt }) => finishedAt - dueAt).toSorted((a, b) => a - b)
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99), max: late.at(-1) ?? NaN }
}

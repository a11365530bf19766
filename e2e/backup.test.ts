import { onCluster } from '@quarry/engines-under-test'
import { TargetSite, waitUntil, workspaceRoot, type ApiClient } from '@quarry/testkit'
import type { PlaceOrderInput } from '@quarry/contracts'
import { CATCH_UP_GRACE_MS, type RunResult } from '@quarry/domain'
import { execFile } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditOutcome } from './src/chaos/audit-outcome.ts'
import { ChaosClients } from './src/chaos/clients.ts'
import { expectBalance } from './src/expect-balance.ts'
import { Marketplace, oneOfEach, settled } from './src/marketplace.ts'
import { readManifest, type ReceivedLine } from './src/received-folder.ts'

/** Of each order, so that some are before the backup, some between it and the disaster, and some fall due later. */
const REPETITIONS = 150
const INTERVAL_MS = 400
/** Of this long after the backup, what fell due is missed for certain. */
const MISSED_MS = 15_000
/** They answer the same each time: what is fetched again must be what is on the customer's disk already. */
const paths = ['/page', '/gzip', '/missing', '/br', '/slow?ms=700', '/one-line']

const run = promisify(execFile)
const tool = join(workspaceRoot(), 'tools', 'engines', 'main.mjs')

onCluster(() => {
  let site: TargetSite
  let market: Marketplace

  beforeEach(async () => {
    site = await TargetSite.start()
    market = await Marketplace.onEngines({ QUARRY_LEASE_MS: '10000' }, oneOfEach)
  })

  afterEach(async () => {
    await market.stop()
    site.close()
  })

  const engines = (command: string, ...args: string[]) => run(process.execPath, [tool, command, ...args])

  function place(customer: ApiClient, path: string, catchUp: 'all' | 'none') {
    const schedule = { kind: 'interval', intervalMs: INTERVAL_MS } as const
    const order: PlaceOrderInput = { url: site.url + path, schedule, repetitions: REPETITIONS, catchUp }
    return customer.place(order)
  }

  test('a backup taken under load brings everything back: each repetition ends, and is paid once', async () => {
    const [customer, bystander, owner] = await Promise.all(
      ['customer', 'bystander', 'owner'].map((n) => market.signUp(n)),
    )
    await Promise.all([customer!, bystander!].map((each) => each.faucet(100_000)))
    const clients = await ChaosClients.start(market, { owners: [owner!], customers: [customer!] })
    const orders = await Promise.all(paths.map((path) => place(customer!, path, 'all')))
    const missing = await place(bystander!, '/page', 'none')
    const received = () => readManifest(market.out('receiver-0'))
    await waitUntil('some is delivered', () => received().length >= 60)

    const before = received()
    const copy = join(market.folder, 'backup')
    await engines('backup', '--folder', join(market.cluster.folder, 'engines'), '--to', copy)
    const backedUpAt = Date.now()
    const lost = await place(bystander!, '/page', 'all')
    const atBackup = received()
    await waitUntil('more is delivered', () => received().length >= atBackup.length + 100)

    await market.rebuild(async (folder) => {
      await rename(join(folder, 'engines'), join(folder, 'burnt'))
      // What fell due right after the backup must be too late to be run, however quick this machine is.
      await sleep(Math.max(0, backedUpAt + CATCH_UP_GRACE_MS + MISSED_MS - Date.now()))
      await engines('restore', '--folder', join(folder, 'engines'), '--from', copy)
    })
    await expect(bystander!.order(lost.id)).rejects.toMatchObject({ code: 'order_not_found' })
    await settled(
      customer!,
      orders.map(({ id }) => id),
    )
    const [whatWasMissed] = await settled(bystander!, [missing.id])
    await waitUntil('all is delivered', () => received().length === REPETITIONS * paths.length, 60_000)
    expect(await clients.drain()).toEqual([])

    const ordered = [{ customer: customer!, orders, folder: 'receiver-0' }]
    const { problems, runs } = await auditOutcome(market, ordered, [])
    expect(problems).toEqual([])
    expect(received().slice(0, before.length)).toEqual(before)
    expect(doneAgain(runs, received())).toBeGreaterThan(0)
    const { delivered, failed, coins } = whatWasMissed!
    expect(failed).toBeGreaterThan(0)
    expect(coins).toEqual({ paidIn: REPETITIONS, paidOut: delivered, refunded: failed, inEscrow: 0 })
    const pages = runs.filter(({ outcome }) => outcome.kind === 'page').length
    await expectBalance(owner!, pages + delivered)
  }, 600_000)
})

/** How many repetitions the customer had on disk before the disaster and the restored marketplace did once more. */
function doneAgain(runs: readonly RunResult[], received: readonly ReceivedLine[]): number {
  const finishedAt = new Map(received.map((line) => [line.jobId, line.finishedAt]))
  return runs.filter((each) => each.finishedAt !== finishedAt.get(each.jobId)).length
}

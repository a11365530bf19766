import { TargetSite, type ApiClient } from '@quarry/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Marketplace, once, onlyRun, settled } from './src/marketplace.ts'

describe('one host and several miners', () => {
  const GAP_MS = 200
  let market: Marketplace
  let site: TargetSite
  let customer: ApiClient

  beforeAll(async () => {
    site = await TargetSite.start()
    market = await Marketplace.start({ QUARRY_HOST_GAPS: `default=${GAP_MS}` })
    customer = await market.signUp('customer')
    await customer.faucet(100)
  })

  afterAll(async () => {
    await market?.stop()
    site?.close()
  })

  it("refunds what the miner's own guard forbids, without a request", async () => {
    const stranger = await market.miner(await market.signUp('stranger'), 'stranger', { args: [] })
    const { id } = await customer.place(once(`${site.url}/page`))
    await settled(customer, [id])
    expect(await onlyRun(customer, id)).toMatchObject({
      attempt: 1,
      outcome: { kind: 'failure', reason: 'address_forbidden' },
    })
    expect(site.hits).toEqual([])
    await stranger.kill()
  })

  it('keeps the gap between any two requests, whoever sends them', async () => {
    const owners = [await market.signUp('ann'), await market.signUp('bob')]
    for (const [index, owner] of owners.entries())
      await (await market.miner(owner, `miner-${index}`)).line(/"connected"/)
    const deliver = async (paths: readonly string[]) => {
      const ids: string[] = []
      for (const path of paths) ids.push((await customer.place(once(site.url + path))).id)
      const ended = await settled(customer, ids)
      expect(ended.map((order) => order.delivered)).toEqual(ids.map(() => 1))
    }
    await deliver(Array.from({ length: 14 }, (_, index) => `/changing/${index}`))
    for (const owner of owners) expect(await owner.balance()).toBeGreaterThan(0)
    // All that the host was asked counts, from each miner's first robots.txt on. The gap is kept where jobs are handed out
    // and inside a miner; how late a process then gets the processor shifts the arrival of one request.
    const gaps = site.hits.slice(1).map((hit, index) => hit.at - site.hits[index]!.at)
    const paths = site.hits.map((hit) => hit.path)
    expect(paths.filter((path) => path === '/robots.txt').length).toBeGreaterThanOrEqual(1)
    expect(paths.length).toBeGreaterThan(14)
    expect(site.smallestGapMs(), `gaps ${gaps.map(Math.round).join(' ')}`).toBeGreaterThanOrEqual(GAP_MS / 2)
    expect(site.hits.at(-1)!.at - site.hits[0]!.at).toBeGreaterThanOrEqual(gaps.length * GAP_MS - GAP_MS / 2)
  })
})

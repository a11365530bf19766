import type { LedgerStore } from '@quarry/storage-port'
import { expect, it } from 'vitest'
import { coinsOf, journalIds, mint, move } from './ledger-store-transfers.ts'
import { numbers, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

export function ledgerRaceTests(bench: () => StoreBench<LedgerStore>): void {
  const clients = (count: number) => Promise.all(numbers(count).map(() => bench().connect()))

  it('never overdraws an account that all draw from at once', async () => {
    const stores = await clients(3)
    await stores[0]!.apply([mint('m', 'user:ann', 25)])
    const outcomes = await Promise.all(
      numbers(60).map((index) => stores[index % 3]!.apply([move(`t${index}`, 'user:ann', `user:mia${index % 4}`, 1)])),
    )
    expect(outcomes.flat().filter((outcome) => outcome.kind === 'posted')).toHaveLength(25)
    expect(outcomes.flat().filter((outcome) => outcome.kind === 'insufficient')).toHaveLength(35)
    expect(await coinsOf(stores[1]!, 'user:ann')).toBe(0)
    expect(await stores[2]!.audit(T0 + 2)).toEqual([])
  })

  it('posts an id once when all clients send it at once', async () => {
    const stores = await clients(4)
    await stores[0]!.apply([mint('m', 'user:ann', 100)])
    const same = move('same', 'user:ann', 'user:mia', 10)
    const outcomes = (await Promise.all(stores.map((store) => store.apply([same])))).flat()
    expect(outcomes.filter((outcome) => outcome.kind === 'posted' && !outcome.repeated)).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome.kind === 'posted')).toHaveLength(4)
    expect(await coinsOf(stores[0]!, 'user:mia')).toBe(10)
  })

  it('lets one of two transfers have an id that both claim', async () => {
    const [first, second] = await clients(2)
    await first!.apply([mint('m', 'user:ann', 100)])
    const outcomes = (
      await Promise.all([
        first!.apply([move('job', 'user:ann', 'user:mia', 1)]),
        second!.apply([move('job', 'user:ann', 'user:max', 1)]),
      ])
    ).flat()
    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['mismatch', 'posted'])
    expect(await coinsOf(first!, 'user:ann')).toBe(99)
  })

  it('passes coins round a ring without losing one', async () => {
    const stores = await clients(3)
    await stores[0]!.apply(numbers(5).map((index) => mint(`m${index}`, `user:${index}`, 3)))
    await Promise.all(
      numbers(60).map((index) =>
        stores[index % 3]!.apply([move(`r${index}`, `user:${index % 5}`, `user:${(index + 1) % 5}`, 2)]),
      ),
    )
    const coins = await Promise.all(numbers(5).map((index) => coinsOf(stores[0]!, `user:${index}`)))
    expect(coins.reduce((sum, each) => sum + each)).toBe(15)
    expect(await stores[1]!.audit(T0 + 2)).toEqual([])
  })

  it('shows a client at once what another one was told is done', async () => {
    const [first, second] = await clients(2)
    for (const index of numbers(5)) {
      await first!.apply([mint(`m${index}`, 'user:ann', 1)])
      expect(await coinsOf(second!, 'user:ann')).toBe(index + 1)
    }
    expect(await journalIds(second!, 'user:ann', 2)).toHaveLength(5)
  })
}

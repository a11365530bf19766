import { pageOf, T0 } from '@quarry/storage-conformance'
import { expect, it } from 'vitest'
import { SqliteEngine } from './sqlite-engine.ts'
import { SqliteResultStore } from './sqlite-result-store.ts'

const RUNS = 20

it('lets the rest of the process take its turn between two pages of all runs', async () => {
  const engine = SqliteEngine.open(':memory:')
  const store = new SqliteResultStore(engine)
  await store.store(
    Array.from({ length: RUNS }, (_, rep) => pageOf('o', rep, 'page')),
    T0,
  )
  let turns = 0
  const others = setInterval(() => turns++, 0)
  let pages = 0
  for (let after: string | undefined; ; pages++) {
    const { next } = await store.stored({ limit: 1, ...(after !== undefined && { after }) })
    if (next === undefined) break
    after = next
    const until = performance.now() + 2
    while (performance.now() < until);
  }
  clearInterval(others)
  await engine.close()
  expect(pages).toBe(RUNS)
  expect(turns).toBeGreaterThan(RUNS / 2)
})

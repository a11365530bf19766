import { UnknownOutcome, type ResultStore } from '@quarry/storage-port'
import { expect, it } from 'vitest'
import { failedRun, pageOf, shaOf, T0 } from './sample-data.ts'
import { surviveEveryCrash, type StoreBench } from './store-bench.ts'

export function resultCrashTests(bench: () => StoreBench<ResultStore>): void {
  const batch = (tag: string) => [
    pageOf(tag, 0, `${tag} page`, { customerId: tag }),
    { run: failedRun(tag, 1, { customerId: tag }) },
    pageOf(tag, 2, `${tag} page`, { customerId: tag }),
  ]

  it('has everything of a batch once when it is repeated after a death at any step', async () => {
    await surviveEveryCrash(bench(), {
      act: (store, tag) => store.store(batch(tag), T0),
      check: async (store, tag) => {
        const runs = batch(tag).map(({ run }) => run)
        expect((await store.inbox(tag, { limit: 9 })).map((entry) => entry.run.rep).sort()).toEqual([0, 1, 2])
        expect((await store.runsOf(tag, { limit: 9 })).items).toEqual([...runs].reverse())
        expect(await store.totals([tag])).toEqual([{ delivered: 2, failed: 1, lastRun: runs[2] }])
        expect(await store.unsettled(tag, 4, 9)).toEqual([3])
        expect(await store.body(tag, shaOf(`${tag} page`))).toBeDefined()
      },
    })
  })

  it('has no run whose body is missing, after a death at any step and no repeat', async () => {
    const crashes = bench().crashes!
    const reader = await bench().connect()
    for (let step = 0, dead = true; dead; step++) {
      const tag = `half${step}`
      const victim = await bench().connect()
      crashes.dieAt(victim, step)
      await victim.store(batch(tag), T0).catch(() => undefined)
      dead = crashes.isDead(victim)
      for (const { run } of await reader.inbox(tag, { limit: 9 })) {
        if (run.outcome.kind === 'page') expect(await reader.body(tag, run.outcome.content.sha256)).toBeDefined()
        expect(await reader.run(run.jobId)).toEqual(run)
      }
    }
  })

  it('forgets completely when forgetting is repeated after a death at any step', async () => {
    await surviveEveryCrash(bench(), {
      prepare: (store, tag) => store.store(batch(tag), T0),
      act: (store) => store.prune(T0 + 1, 100),
      check: async (store, tag) => {
        expect(await store.inbox(tag, { limit: 9 })).toEqual([])
        expect(await store.body(tag, shaOf(`${tag} page`))).toBeUndefined()
        expect(await store.unsettled(tag, 4, 9)).toEqual([3])
      },
    })
  })

  it('tells the true outcome on repeating a call whose answer was lost', async () => {
    const [client, other] = await Promise.all([bench().connect(), bench().connect()])
    bench().crashes!.loseAnswer(client)
    await expect(client.store(batch('o'), T0)).rejects.toThrow(UnknownOutcome)
    expect(await client.store(batch('o'), T0 + 1)).toEqual(batch('o').map(({ run }) => ({ kind: 'known', run })))
    expect(await other.inbox('o', { limit: 9 })).toHaveLength(3)
    expect(await other.totals(['o'])).toMatchObject([{ delivered: 2, failed: 1 }])
  })
}

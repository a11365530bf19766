import {
  escrowAccount,
  escrowOf,
  settlementOf,
  Unavailable,
  UnknownOutcome,
  type AccountId,
  type Transfer,
} from '@quarry/domain'
import { onEngine } from '@quarry/engines-under-test'
import { failedRun, orderOf } from '@quarry/storage-conformance'
import { describe, expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import type { Faults } from './cassandra-engine.ts'
import { CassandraLedgerStore } from './cassandra-ledger-store.ts'

const EVER = Number.MAX_SAFE_INTEGER
const page = { kind: 'page' } as const

onEngine('cassandra', (address) => {
  const keyspace = cassandraKeyspace(address, ['ledger'])
  const open = (faults: Faults = { before: () => undefined }) =>
    new CassandraLedgerStore(keyspace.engine().withFaults(faults))

  /** An order of ten repetitions, paid, whose settlements have the order's escrow account as debit and as home. */
  async function paidOrder(store: CassandraLedgerStore, id: string) {
    const order = orderOf(id, { customerId: `${id}-ann` })
    const mint = {
      id: `${id}-m`,
      kind: 'mint',
      debit: 'mint:1',
      credit: `user:${id}-ann`,
      amountCoins: 20,
      at: 1,
    } as const
    await store.apply([mint, escrowOf(order)])
    return order
  }

  /** Payments of even repetitions to one miner, refunds of odd ones. */
  function settlements(orderId: string, reps: readonly number[]): Transfer[] {
    return reps.map((rep) => {
      const run = failedRun(orderId, rep, {
        customerId: `${orderId}-ann`,
        miner: { userId: `${orderId}-mia`, deviceId: 'd' },
      })
      return settlementOf(rep % 2 === 0 ? { ...run, outcome: { ...run.outcome, ...page } as typeof run.outcome } : run)
    })
  }

  async function coins(store: CassandraLedgerStore, ...accounts: AccountId[]): Promise<number[]> {
    return Promise.all(accounts.map(async (account) => (await store.balance(account)).postedCoins))
  }

  describe('a batch of settlements', () => {
    it('is brought to its end by a sweep, wherever its coin service dies; younger ones are left alone', async () => {
      const survivor = open()
      let died = true
      for (let step = 0; died; step++) {
        expect(step).toBeLessThan(60)
        const id = `dies${step}`
        await paidOrder(survivor, id)
        const batch = settlements(id, [0, 1, 2])
        died = await diesAt(step, batch)
        const before = await coins(survivor, `user:${id}-mia`, `user:${id}-ann`)
        await survivor.sweep(0, 1000)
        expect(await coins(survivor, `user:${id}-mia`, `user:${id}-ann`)).toEqual(before)
        await survivor.sweep(EVER, 1000)
        const [mia, ann] = await coins(survivor, `user:${id}-mia`, `user:${id}-ann`)
        expect([0, 4]).toContain(mia)
        expect(ann).toBe(mia! / 2)
        expect(await survivor.sweep(EVER, 1000)).toBe(0)
        expect(await survivor.audit()).toEqual([])
        expect((await survivor.apply(batch)).map(({ kind }) => kind)).toEqual(['posted', 'posted', 'posted'])
        expect(await coins(survivor, `user:${id}-mia`, `user:${id}-ann`)).toEqual([4, 2])
        expect(await survivor.orderCoins(id)).toEqual({ paidInCoins: 20, paidOutCoins: 4, refundedCoins: 2 })
      }
      expect(await survivor.audit()).toEqual([])
    })

    it('finds out by itself what became of a write whose answer, or which itself, was lost', async () => {
      const calm = open()
      for (const lost of ['answer', 'UPDATE'] as const) {
        for (let nth = 0; nth < 4; nth++) {
          const id = `lost-${lost}${nth}`
          await paidOrder(calm, id)
          let left = nth
          const store = open({
            before(step) {
              if (step.startsWith(lost) && left-- === 0) throw new UnknownOutcome('the line broke')
            },
          })
          const posted = { kind: 'posted', repeated: false }
          expect(await store.apply(settlements(id, [0, 1, 2]))).toEqual([posted, posted, posted])
          expect(await coins(calm, `user:${id}-mia`, `user:${id}-ann`)).toEqual([4, 2])
        }
      }
      expect(await calm.audit()).toEqual([])
    })

    it('says that nothing was done only when nothing was', async () => {
      const calm = open()
      for (let nth = 0; nth < 4; nth++) {
        const id = `refused${nth}`
        await paidOrder(calm, id)
        let left = nth
        const store = open({
          before(step) {
            if (step !== 'answer' && left-- === 0) throw new Unavailable('no node answers')
          },
        })
        const failure: unknown = await store.apply(settlements(id, [0, 1])).catch((error: unknown) => error)
        const untouched = (await calm.journal(escrowAccount(id), { limit: 1 })).items[0]?.transfer.id === `${id}:escrow`
        if (failure instanceof Unavailable) expect(untouched).toBe(true)
        else expect(failure instanceof UnknownOutcome || Array.isArray(failure)).toBe(true)
        expect((await store.apply(settlements(id, [0, 1]))).map(({ kind }) => kind)).toEqual(['posted', 'posted'])
        expect(await coins(calm, `user:${id}-mia`, `user:${id}-ann`)).toEqual([2, 2])
      }
      expect(await calm.audit()).toEqual([])
    })

    it('stays on the sweeper’s list while one of its round has not arrived, whatever became of the others', async () => {
      const calm = open()
      await paidOrder(calm, 'part')
      let writes = 0
      const store = open({
        before(step) {
          if (step.startsWith('UPDATE') && ++writes === 3) throw new Unavailable('no node answers')
        },
      })
      const [page0, refund1, page2] = settlements('part', [0, 1, 2])
      const answers = await Promise.allSettled([store.apply([page0!]), store.apply([refund1!])])
      expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await store.apply([page2!])
      expect(await coins(calm, 'user:part-mia', 'user:part-ann')).not.toEqual([4, 2])
      expect(await open().sweep(EVER, 1000)).toBeGreaterThan(0)
      expect(await coins(calm, 'user:part-mia', 'user:part-ann')).toEqual([4, 2])
      expect(await calm.audit()).toEqual([])
    })

    it('settles each repetition once when two coin services are given the same ones in other batches', async () => {
      const stores = [open(), open(), open()]
      for (const id of ['race1', 'race2', 'race3']) await paidOrder(stores[0]!, id)
      const all = ['race1', 'race2', 'race3'].flatMap((id) => settlements(id, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
      const given = stores.map((store, index) => {
        const turned = [...all.slice(index * 7), ...all.slice(0, index * 7)]
        const half = turned.length >> 1
        return Promise.all([
          store.apply(turned.slice(0, half)),
          store.apply(turned.slice(half)),
          store.sweep(EVER, 1000),
        ])
      })
      const outcomes = (await Promise.all(given)).flatMap(([one, two]) => [...one, ...two])
      expect(outcomes.filter((outcome) => outcome.kind === 'posted')).toHaveLength(90)
      expect(outcomes.filter((outcome) => outcome.kind === 'posted' && !outcome.repeated)).toHaveLength(30)
      for (const id of ['race1', 'race2', 'race3']) {
        expect(await coins(stores[1]!, `user:${id}-mia`, `user:${id}-ann`)).toEqual([10, 10])
      }
      expect(await stores[2]!.audit()).toEqual([])
    })

    it('is not held up by a transfer that cannot be stored', async () => {
      const store = open()
      await paidOrder(store, 'good')
      const [one, two, three] = settlements('good', [0, 1, 2])
      const poison = { ...one!, id: 'good:9', at: {} as never }
      const answers = await Promise.allSettled([
        store.apply([one!]),
        store.apply([poison]),
        store.apply([two!, three!]),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await coins(store, 'user:good-mia', 'user:good-ann')).toEqual([4, 2])
    })

    it('of 3,000 settlements takes a few batches, not one each', async () => {
      let batches = 0
      const store = open({ before: (step) => void (batches += step.startsWith('UPDATE') ? 1 : 0) })
      const order = orderOf('many', { repetitions: 3_000, priceCoins: 1, customerId: 'rich' })
      await store.apply([
        { id: 'rich-m', kind: 'mint', debit: 'mint:1', credit: 'user:rich', amountCoins: 3_000, at: 1 },
        escrowOf(order),
      ])
      batches = 0
      const reps = Array.from({ length: 3_000 }, (_, rep) => rep)
      const all = settlements('many', reps).map((transfer) => ({ ...transfer, amountCoins: 1 }))
      await Promise.all([0, 1_000, 2_000].map((start) => store.apply(all.slice(start, start + 1_000))))
      expect(batches).toBeLessThan(70)
      expect(await store.orderCoins('many')).toEqual({ paidInCoins: 3_000, paidOutCoins: 1_500, refundedCoins: 1_500 })
      expect(await store.audit()).toEqual([])
    })
  })

  /** Applies on a client that dies at its `step`-th step; says whether it came to that. */
  async function diesAt(step: number, batch: readonly Transfer[]): Promise<boolean> {
    let left = step
    const victim = open({
      before(what) {
        if (left-- <= 0) throw new Error(`died at ${what}`)
      },
    })
    await victim.apply(batch).catch(() => undefined)
    return left < 0
  }
})

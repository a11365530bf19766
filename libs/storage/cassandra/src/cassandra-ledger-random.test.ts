import { escrowAccount, type AccountId, type Transfer, type TransferOutcome } from '@quarry/domain'
import { onEngine } from '@quarry/engines-under-test'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraLedgerStore } from './cassandra-ledger-store.ts'

/** What a client of one run does: its batches one after the other, until it dies at a step, if ever. */
interface Client {
  readonly batches: readonly (readonly Draft[])[]
  readonly diesAt: number
}

/** A transfer by small numbers, so that ids, accounts and overdrafts meet. */
interface Draft {
  readonly id: number
  readonly from: number
  readonly to: number
  readonly coins: number
}

const draft: fc.Arbitrary<Draft> = fc.record({
  id: fc.nat(9),
  from: fc.nat(3),
  to: fc.integer({ min: 1, max: 3 }),
  coins: fc.integer({ min: 1, max: 4 }),
})
const client: fc.Arbitrary<Client> = fc.record({
  batches: fc.array(fc.array(draft, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  diesAt: fc.oneof(fc.nat(25), fc.constant(Infinity)),
})

onEngine('cassandra', (address) => {
  const keyspace = cassandraKeyspace(address, ['ledger'])

  it('whatever clients do side by side and wherever they die: one truth, swept, sound and in the journals', async () => {
    const calm = new CassandraLedgerStore(keyspace.engine())
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(client, { minLength: 1, maxLength: 3 }), async (clients) => {
        const stage = new Stage(run++)
        await calm.apply([stage.transfer({ id: 99, from: 0, to: 1, coins: 6 })])
        const answers = await Promise.all(clients.map((each) => act(each, stage)))
        await calm.sweep(Number.MAX_SAFE_INTEGER, 1_000)
        expect(await calm.audit()).toEqual([])
        await checkTruth(calm, stage, answers.flat())
      }),
      { numRuns: 30, endOnFailure: true },
    )
  })

  /** Returns what the client was answered before it died. */
  async function act({ batches, diesAt }: Client, stage: Stage): Promise<[Transfer, TransferOutcome][]> {
    let left = diesAt
    const faults = {
      before(what: string) {
        if (left-- <= 0) throw new Error(`died at ${what}`)
      },
    }
    const store = new CassandraLedgerStore(keyspace.engine().withFaults(faults))
    const told: [Transfer, TransferOutcome][] = []
    for (const batch of batches) {
      const transfers = batch.filter(({ from, to }) => from !== to).map((each) => stage.transfer(each))
      const outcomes = await store.apply(transfers).catch(() => [])
      outcomes.forEach((outcome, index) => told.push([transfers[index]!, outcome]))
    }
    return told
  }
})

/** The accounts and ids of one run: a mint, two users, and the escrow account that is the ids' home. */
class Stage {
  readonly #tag: string
  readonly accounts: readonly AccountId[]

  constructor(run: number) {
    this.#tag = `run${run}`
    this.accounts = ['mint:5', `user:${this.#tag}-a`, `user:${this.#tag}-b`, escrowAccount(this.#tag)]
  }

  transfer({ id, from, to, coins }: Draft): Transfer {
    return {
      id: `${this.#tag}:${id}`,
      kind: 'payment',
      debit: this.accounts[from]!,
      credit: this.accounts[to]!,
      amountCoins: coins,
      at: 1,
    }
  }
}

/** Every answer must agree with what the ledger says for good, and the accounts with both. */
async function checkTruth(
  calm: CassandraLedgerStore,
  stage: Stage,
  answers: readonly (readonly [Transfer, TransferOutcome])[],
): Promise<void> {
  for (const [transfer, answer] of answers) {
    const [truth] = await calm.apply([transfer])
    expect(truth).toEqual(answer.kind === 'posted' ? { kind: 'posted', repeated: true } : answer)
  }
  const firsts = answers.filter(([, answer]) => answer.kind === 'posted' && !answer.repeated).map(([{ id }]) => id)
  expect(new Set(firsts).size).toBe(firsts.length)
  for (const account of stage.accounts.slice(1, 3)) {
    const { items } = await calm.journal(account, { limit: 200 })
    const { postedCoins } = await calm.balance(account)
    expect(items.reduce((sum, { amountCoins }) => sum + amountCoins, 0)).toBe(postedCoins)
    expect(postedCoins).toBeGreaterThanOrEqual(0)
    const ids = items.map(({ transfer }) => transfer.id)
    expect(new Set(ids).size).toBe(ids.length)
    const told = answers.filter(
      ([{ debit, credit }, { kind }]) => kind === 'posted' && [debit, credit].includes(account),
    )
    for (const [{ id }] of told) expect(ids).toContain(id)
  }
}

import { escrowAccount, escrowOf, settlementOf, type AccountId } from '@quarry/domain'
import { onEngine } from '@quarry/engines-under-test'
import { failedRun, orderOf } from '@quarry/storage-conformance'
import { beforeEach, expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraLedgerStore } from './cassandra-ledger-store.ts'

onEngine('cassandra', (address) => {
  const keyspace = cassandraKeyspace(address, ['ledger'])
  const open = keyspace.benchOf((engine) => new CassandraLedgerStore(engine))
  const escrow = escrowAccount('order')
  let store: CassandraLedgerStore

  beforeEach(async () => {
    store = await (await open()).connect()
    const mint = { id: 'm', kind: 'mint', debit: 'mint:1', credit: 'user:customer', amountCoins: 20, at: 1 } as const
    await store.apply([mint, escrowOf(orderOf('order')), settlementOf(failedRun('order', 0))])
    expect(await store.audit()).toEqual([])
  })

  const deleteRow = (account: AccountId, id: string) =>
    damage('DELETE FROM ledger_account WHERE account = ? AND part = 1 AND id = ? IF EXISTS', account, id)

  it.each([
    {
      what: 'a balance that its entries do not explain',
      break: () => damage('UPDATE ledger_account SET posted = 3 WHERE account = ? IF posted = 2', 'user:customer'),
      finds: ['rows-match-balance user:customer', 'sum-is-zero all accounts'],
    },
    {
      what: 'a settlement that never arrived and that no sweep would bring there',
      break: async () => {
        await store.sweep(Number.MAX_SAFE_INTEGER, 10)
        await deleteRow('user:customer', 'order:0')
      },
      finds: ['rows-match-balance order:0', 'rows-match-balance user:customer'],
    },
    {
      what: 'coins that came from nowhere',
      break: () => deleteRow(escrow, 'order:0'),
      finds: [`rows-match-balance ${escrow}`, 'rows-match-balance order:0'],
    },
    {
      what: 'two sides of other amounts',
      break: () =>
        damage(
          'UPDATE ledger_account SET amount = 9 WHERE account = ? AND part = 1 AND id = ? IF amount = 2',
          'user:customer',
          'order:0',
        ),
      finds: ['rows-match-balance order:0', 'rows-match-balance user:customer'],
    },
    {
      what: 'an overdraft',
      break: () => damage('UPDATE ledger_account SET posted = -1 WHERE account = ? IF posted = 2', 'user:customer'),
      finds: ['no-overdraft user:customer', 'rows-match-balance user:customer', 'sum-is-zero all accounts'],
    },
  ])('finds $what', async ({ break: breakIt, finds }) => {
    await breakIt()
    const found = (await store.audit()).map(({ invariant, subject }) => `${invariant} ${subject}`)
    expect(found.sort()).toEqual(finds)
  })

  it('finds nothing wrong in a ledger at work', async () => {
    let stop = false
    const work = [0, 1].map(async (lane) => {
      for (let rep = 1; !stop; rep++) {
        const mint = { kind: 'mint', debit: 'mint:1', credit: `user:u${lane}` as const, amountCoins: 5, at: 1 } as const
        const move = {
          kind: 'payment',
          debit: `user:u${lane}`,
          credit: `user:u${1 - lane}`,
          amountCoins: 2,
          at: 1,
        } as const
        await store.apply([
          { ...mint, id: `w${lane}:m${rep}` },
          { ...move, id: `w${lane}:p${rep}` },
        ])
      }
    })
    for (let round = 0; round < 6; round++) expect(await store.audit()).toEqual([])
    stop = true
    await Promise.all(work)
    expect(await store.audit()).toEqual([])
  })

  /** Conditional, as all writes of the table are. */
  async function damage(query: string, ...params: string[]): Promise<void> {
    expect((await keyspace.engine().decide({ query, params })).applied).toBe(true)
  }
})

import { onEngine } from '@quarry/engines-under-test'
import { ledgerStoreSuite } from '@quarry/storage-conformance'
import { UnknownOutcome } from '@quarry/storage-port'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraLedgerStore } from './cassandra-ledger-store.ts'

onEngine('cassandra', (address) => {
  const keyspace = cassandraKeyspace(address, ['ledger', 'notifications'])
  const open = keyspace.benchOf((engine) => new CassandraLedgerStore(engine))

  ledgerStoreSuite(
    'Cassandra',
    async () => {
      const bench = await open()
      return { ...bench, crashes: { ...bench.crashes!, loseAnswer } }
    },
    { crashes: true },
  )
})

/** The store itself finds out what became of a single write; what can get lost is the answer of the whole call. */
function loseAnswer(client: CassandraLedgerStore): void {
  const apply = client.apply.bind(client)
  client.apply = async (transfers) => {
    client.apply = apply
    await apply(transfers)
    throw new UnknownOutcome('the line broke')
  }
}

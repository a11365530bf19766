import { Unavailable } from '@quarry/storage-port'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addressOf } from '../test/cassandra-bench.ts'
import { refusingCassandra } from '../test/refusing-cassandra.ts'
import { WrongCredentials } from './cassandra-connection.ts'
import { CassandraEngine } from './cassandra-engine.ts'

let server: Awaited<ReturnType<typeof refusingCassandra>>
beforeEach(async () => void (server = await refusingCassandra()))
afterEach(() => server.close())

const failureOf = (options: Parameters<typeof CassandraEngine.connect>[0]) =>
  CassandraEngine.connect(options).then(
    () => new Error('It was let in'),
    (error: unknown) => error as Error,
  )

it('tells a refused log-in from an engine that does not answer, by the user’s name and not by the password', async () => {
  const credentials = { username: 'quarry', password: 'hunter2' }
  const failure = await failureOf({ ...addressOf(server.address), credentials })
  expect(failure).toBeInstanceOf(WrongCredentials)
  expect(failure.message).toBe(`Cassandra at ${server.address} refused to log in as quarry`)
})

it('says that credentials are missing where they are asked for', async () => {
  const failure = await failureOf(addressOf(server.address))
  expect(failure).toBeInstanceOf(WrongCredentials)
  expect(failure.message).toContain('without credentials')
})

it('names every address that does not answer', async () => {
  const failure = await failureOf({ contactPoints: ['127.0.0.1:1', '127.0.0.1:2'], localDataCenter: 'datacenter1' })
  expect(failure).toBeInstanceOf(Unavailable)
  for (const node of ['127.0.0.1:1: ', '127.0.0.1:2: ']) expect(failure.message).toContain(node)
})

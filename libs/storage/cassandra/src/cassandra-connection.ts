import { WrongCredentials } from '@quarry/storage-port'
import { Client, errors, ExecutionProfile, policies, types } from 'cassandra-driver'
import { translate } from './cassandra-errors.ts'
import { OneCoordinator } from './one-coordinator.ts'

export { WrongCredentials }

/** Where Cassandra is and who asks. */
export interface CassandraAddress {
  /** `host:port` of some nodes. */
  readonly contactPoints: readonly string[]
  readonly localDataCenter: string
  readonly credentials?: { readonly username: string; readonly password: string }
}

/** The keyspace's schema and this program do not belong together; the message says what to do about it. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch'
}

const { consistencies } = types

/** The execution profile of conditional writes and serial reads. */
export const DECISIONS = 'decisions'

/** Requests under way on a connection; one more is refused at once, so that a slow cluster is felt and not hidden. */
const MOST_IN_FLIGHT = 4_096
const CONNECT_TIMEOUT_MS = 5_000
/** Above every time limit of the server, whose own answer says more. */
const READ_TIMEOUT_MS = 15_000
const DEFAULT_PORT = 9042
const FIRST_RECONNECT_MS = 100
const MOST_RECONNECT_MS = 2_000

/**
 * Connects; a connection that breaks later is made again by the driver, at least every two seconds. Throws `Unavailable`
 * when no node answers, `WrongCredentials`, and `SchemaMismatch` when there is no such keyspace; none shows the password.
 */
export async function connect(address: CassandraAddress, keyspace?: string): Promise<Client> {
  const client = new Client({
    contactPoints: [...address.contactPoints],
    localDataCenter: address.localDataCenter,
    ...(keyspace === undefined ? {} : { keyspace }),
    ...(address.credentials === undefined ? {} : { credentials: address.credentials }),
    encoding: { useUndefinedAsUnset: true, copyBuffer: true },
    queryOptions: {
      prepare: true,
      consistency: consistencies.localQuorum,
      serialConsistency: consistencies.localSerial,
    },
    // Of the nodes that are found by themselves: they are taken to listen where the first one does.
    protocolOptions: { port: Number(/:(\d+)$/.exec(address.contactPoints[0] ?? '')?.[1] ?? DEFAULT_PORT) },
    profiles: [new ExecutionProfile(DECISIONS, { loadBalancing: new OneCoordinator(address.localDataCenter) })],
    policies: {
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(
        FIRST_RECONNECT_MS,
        MOST_RECONNECT_MS,
        false,
      ),
    },
    pooling: { maxRequestsPerConnection: MOST_IN_FLIGHT },
    socketOptions: { readTimeout: READ_TIMEOUT_MS, connectTimeout: CONNECT_TIMEOUT_MS },
  })
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.shutdown()
    throw refusal(error, address, keyspace)
  }
}

function refusal(error: unknown, address: CassandraAddress, keyspace: string | undefined): Error {
  const where = address.contactPoints.join(', ')
  const { innerErrors } = error as { innerErrors?: Readonly<Record<string, unknown>> | null }
  const causes = [error, ...Object.values(innerErrors ?? {})]
  if (causes.some((cause) => cause instanceof errors.AuthenticationError)) {
    const who = address.credentials === undefined ? 'without credentials' : `as ${address.credentials.username}`
    return new WrongCredentials(`Cassandra at ${where} refused to log in ${who}`, { cause: error })
  }
  const missing = causes.some((cause) =>
    /keyspace .* does not exist/i.test((cause as Error | undefined)?.message ?? ''),
  )
  if (missing) return new SchemaMismatch(`Cassandra at ${where} has no keyspace ${keyspace}: run the migration`)
  return translate(error, 'read', `Cassandra at ${where}`)
}

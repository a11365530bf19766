import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { errors } from 'cassandra-driver'
import { describe, expect, it } from 'vitest'
import { translate } from './cassandra-errors.ts'

const socketError = (more: object = {}) =>
  Object.assign(new Error('Socket was closed'), { isSocketError: true, ...more })
const response = (code: number) => new errors.ResponseError(code, 'words')
const noHost = (...inner: unknown[]) =>
  new errors.NoHostAvailableError(Object.fromEntries(inner.map((each, index) => [`10.0.0.${index}:9042`, each])))

describe('a write', () => {
  it.each([
    ['a coordinator without replicas', response(0x1000)],
    ['an overloaded node', response(0x1001)],
    ['a starting node', response(0x1002)],
    ['too many requests under way', new errors.BusyConnectionError('10.0.0.1:9042', 4096, 1)],
    ['a line that broke before it was sent', socketError({ requestNotWritten: true })],
    ['no node at all', noHost()],
    ['nodes that could not be reached', noHost('Host considered as DOWN', null, new Error('connect ECONNREFUSED'))],
    ['nodes that were busy or refused it', noHost(new errors.BusyConnectionError('x', 4096, 1), response(0x1001))],
    ['nodes that refused the log-in', noHost(new errors.AuthenticationError('no'))],
  ])('was not done: %s', (_, error) => {
    expect(translate(error, 'write')).toBeInstanceOf(Unavailable)
  })

  it.each([
    ['a server error', response(0x0000)],
    ['a write timeout', response(0x1100)],
    ['a read timeout, which Paxos may meet', response(0x1200)],
    ['a failed replica', response(0x1500)],
    ['Paxos that does not know', response(0x1700)],
    ['no answer in time', new errors.OperationTimedOutError('slow', '10.0.0.1:9042')],
    ['a line that broke', socketError()],
    ['one of several nodes that may have done it', noHost('Host considered as DOWN', socketError())],
    ['an error that nobody foresaw', new errors.DriverInternalError('odd')],
  ])('may have been done: %s', (_, error) => {
    const translated = translate(error, 'write')
    expect(translated).toBeInstanceOf(UnknownOutcome)
    expect(translated.cause).toBe(error)
  })
})

it.each([response(0x1200), response(0x1300), new errors.OperationTimedOutError('slow'), socketError(), noHost()])(
  'a read is only ever unavailable: %s',
  (error) => {
    expect(translate(error, 'read')).toBeInstanceOf(Unavailable)
  },
)

it.each([
  response(0x2000),
  response(0x2200),
  response(0x2100),
  new TypeError('no number'),
  new errors.ArgumentError('no'),
])('leaves a bug as it is: %s', (error) => {
  expect(translate(error, 'write')).toBe(error)
  expect(translate(error, 'read')).toBe(error)
})

it('says of each node what was wrong with it', () => {
  const { message } = translate(noHost('Host considered as DOWN', socketError()), 'read')
  expect(message).toBe('Cassandra: 10.0.0.0:9042: Host considered as DOWN; 10.0.0.1:9042: Socket was closed')
  expect(translate(noHost(), 'read', 'Cassandra at a:1').message).toBe('Cassandra at a:1: no node can be reached')
})

import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { errors } from 'cassandra-driver'

/** What a call was about: only a write can leave its outcome unknown. */
export type CallKind = 'read' | 'write'

/** The protocol's error codes that say that nothing was done (CQL binary protocol v4, section 9). */
const NOTHING_DONE: ReadonlySet<number> = new Set([0x1000, 0x1001, 0x1002])
/** Codes after which a write may have been done: server error, write timeout, read timeout (of Paxos), failures, unknown. */
const PERHAPS_DONE: ReadonlySet<number> = new Set([0x0000, 0x1100, 0x1200, 0x1300, 0x1500, 0x1700])

/** The driver's errors in the port's few words; a statement that Cassandra does not understand stays as it is: a bug. */
export function translate(error: unknown, kind: CallKind): Error {
  if (error instanceof errors.ResponseError) return ofResponse(error, kind)
  if (error instanceof errors.NoHostAvailableError) return ofNoHost(error, kind)
  if (error instanceof errors.BusyConnectionError) return new Unavailable(error.message, { cause: error })
  if (error instanceof errors.ArgumentError || error instanceof TypeError) return error
  if (error instanceof Error) return unclear(error, kind)
  return new Error(String(error))
}

function ofResponse(error: errors.ResponseError, kind: CallKind): Error {
  if (NOTHING_DONE.has(error.code)) return new Unavailable(error.message, { cause: error })
  if (PERHAPS_DONE.has(error.code)) return unclear(error, kind)
  return error
}

/** Each host's own error tells whether the statement reached it. */
function ofNoHost(error: errors.NoHostAvailableError, kind: CallKind): Error {
  const inner = Object.values((error.innerErrors ?? {}) as Record<string, unknown>)
  const perhaps = inner.some((each) => translateInner(each, kind) instanceof UnknownOutcome)
  return perhaps ? unclear(error, kind) : new Unavailable(error.message, { cause: error })
}

function translateInner(error: unknown, kind: CallKind): Error {
  const notSent = (error as { requestNotWritten?: boolean } | undefined)?.requestNotWritten === true
  const refused = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND'].includes((error as NodeJS.ErrnoException)?.code ?? '')
  if (notSent || refused || !(error instanceof errors.OperationTimedOutError || error instanceof errors.ResponseError))
    return new Unavailable('not sent')
  return translate(error, kind)
}

function unclear(error: Error, kind: CallKind): Error {
  return kind === 'read'
    ? new Unavailable(error.message, { cause: error })
    : new UnknownOutcome(error.message, { cause: error })
}

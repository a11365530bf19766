import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { errors } from 'cassandra-driver'

/** What a call was about: only a write can leave its outcome unknown. */
export type CallKind = 'read' | 'write'

/** The protocol's error codes that say that nothing was done (CQL binary protocol v4, section 9): unavailable, overloaded, bootstrapping. */
const NOTHING_DONE: ReadonlySet<number> = new Set([0x1000, 0x1001, 0x1002])
const WRITE_TIMEOUT = 0x1100
/** Codes after which a write may have been done: server error, write timeout, read timeout (of Paxos), failures, unknown. */
const PERHAPS_DONE: ReadonlySet<number> = new Set([0x0000, WRITE_TIMEOUT, 0x1200, 0x1300, 0x1500, 0x1600, 0x1700])

/** A broken connection as the driver tells of it. */
interface SocketError extends Error {
  readonly isSocketError?: boolean
  readonly requestNotWritten?: boolean
  readonly coordinator?: string
}

/**
 * The driver's errors in the port's few words: `Unavailable` when nothing was done, `UnknownOutcome` when a write may have
 * been. `nodes` names whom the call was meant for. A statement that Cassandra does not understand, or values that do not fit it, stay as they are: a bug.
 */
export function translate(error: unknown, kind: CallKind, nodes = 'Cassandra'): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  if (isBug(error)) return error
  return kind === 'write' && perhapsDone(error)
    ? new UnknownOutcome(wordsOf(error, nodes), { cause: error })
    : new Unavailable(wordsOf(error, nodes), { cause: error })
}

/**
 * Whether rivals cut in: with several replicas, a proposal that some have taken when a newer one comes is given up at once,
 * as if time had run out. What only reads may simply ask again.
 */
export function wasOutrun(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.code === WRITE_TIMEOUT && writeTypeOf(error) === 'CAS'
}

function writeTypeOf(error: errors.ResponseError): unknown {
  // The driver's types do not know of it.
  return (error as { readonly writeType?: unknown }).writeType
}

function isBug(error: Error): boolean {
  if (error instanceof errors.ResponseError) return !NOTHING_DONE.has(error.code) && !PERHAPS_DONE.has(error.code)
  return [errors.ArgumentError, errors.NotSupportedError, TypeError, RangeError].some((bug) => error instanceof bug)
}

/** Whether the statement may have reached a node that did it. What is not known to be harmless may have. */
function perhapsDone(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return PERHAPS_DONE.has(error.code)
  if (error instanceof errors.NoHostAvailableError) {
    return Object.values((error.innerErrors ?? {}) as Record<string, unknown>).some(perhapsDoneThere)
  }
  return (
    !(error instanceof errors.BusyConnectionError || error instanceof errors.AuthenticationError) && !notSent(error)
  )
}

/** A host is tried in turn: one that could not be connected to has done nothing, and the driver says so in many ways. */
function perhapsDoneThere(error: unknown): boolean {
  const { isSocketError } = (error ?? {}) as SocketError
  const sent = error instanceof errors.ResponseError || error instanceof errors.OperationTimedOutError || isSocketError
  return sent === true && perhapsDone(error)
}

function notSent(error: unknown): boolean {
  return (error as SocketError).requestNotWritten === true
}

function wordsOf(error: Error, nodes: string): string {
  if (error instanceof errors.NoHostAvailableError) {
    const hosts = Object.entries((error.innerErrors ?? {}) as Record<string, unknown>)
    if (hosts.length === 0) return `${nodes}: no node can be reached`
    return `Cassandra: ${hosts.map(([host, why]) => `${host}: ${reasonOf(why)}`).join('; ')}`
  }
  const { coordinator } = error as SocketError
  return `${coordinator === undefined ? nodes : `Cassandra at ${coordinator}`}: ${error.message}`
}

function reasonOf(why: unknown): string {
  if (why instanceof Error) return why.message
  return typeof why === 'string' ? why : 'no connection'
}

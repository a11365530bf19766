import { Unavailable, UnknownOutcome } from '@quarry/storage-port'

const SQLITE_BUSY = 5
const SQLITE_FULL = 13

const reasons: Readonly<Record<number, string>> = {
  5: 'the database stayed locked by another process',
  6: 'the database stayed locked by another connection',
  8: 'the database is read-only',
  10: 'the disk reported an error',
  11: 'the database file is damaged',
  13: 'the disk is full; it works again as soon as there is space',
  14: 'the database file cannot be opened',
  26: 'the file is not a database',
}

/** SQLite's primary result code of an error of `node:sqlite`; undefined for every other error. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return undefined
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY
}

/** The port's error for one that came before COMMIT was sent; a bug's own error passes unchanged. */
export function beforeCommit(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  if ('code' in error && error.code === 'ERR_INVALID_STATE') {
    return new Unavailable('SQLite: the database is closed', { cause: error })
  }
  const code = sqliteCode(error)
  const reason = code === undefined ? undefined : reasons[code]
  return reason === undefined ? error : new Unavailable(`SQLite: ${reason}`, { cause: error })
}

/**
 * The port's error for a COMMIT that failed. With a full disk or a lock SQLite has written no commit record, so nothing
 * was done; after any other failure (a failed fsync) the record may or may not be there.
 */
export function atCommit(error: unknown): Error {
  const code = sqliteCode(error)
  if (code === SQLITE_FULL || code === SQLITE_BUSY) return beforeCommit(error)
  return afterCommit(error)
}

/** The port's error for a failure between the commit and its answer. */
export function afterCommit(error: unknown): UnknownOutcome {
  if (error instanceof UnknownOutcome) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new UnknownOutcome(`SQLite: the commit was sent but not confirmed (${detail})`, { cause: error })
}

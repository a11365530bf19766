import { DatabaseSync } from 'node:sqlite'
import { Unavailable } from '@quarry/storage-port'
import { migrate } from './migrations.ts'
import { afterCommit, atCommit, beforeCommit, isBusy } from './sqlite-errors.ts'
import { Statement, type Faults, type Row } from './statement.ts'

/** A group closes when its work has taken this long, so that nobody waits for a commit behind a long queue. */
const GROUP_WORK_MS = 8
/** SQLite itself waits this long for another process, blocking this one; beyond it the engine waits without blocking. */
const BLOCKING_WAIT_MS = 20
const BUSY_RETRY_MS = 5

export interface SqliteEngineOptions {
  /** How long a write waits for other processes before it fails as `Unavailable`. Default 5,000. */
  readonly busyTimeoutMs?: number
  /** Upper bound of the database's size in pages of 4,096 bytes; writes beyond it fail as on a full disk. */
  readonly maxPages?: number
  /** For tests: see `Faults`. */
  readonly faults?: Faults
}

interface Write {
  readonly work: (engine: SqliteEngine) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Ran = { readonly write: Write; readonly value: unknown }

/**
 * One SQLite database, shared by all stores of a process; several processes may open the same file.
 *
 * Writes are committed in groups: all that came in since the last commit run one after another in one transaction, and
 * each caller is answered after the commit, so that one fsync serves many. A group never waits for more callers: while
 * one commits, the next gathers by itself, and a lone write is committed at once.
 */
export class SqliteEngine {
  readonly #db: DatabaseSync
  readonly #faults: Faults | undefined
  readonly #busyTimeoutMs: number
  readonly #statements = new Map<string, Statement<never>>()
  #queue: Write[] = []
  #scheduled = false
  #busySince: number | undefined
  #closed = false
  #whenIdle: (() => void)[] = []

  private constructor(db: DatabaseSync, options: SqliteEngineOptions) {
    this.#db = db
    this.#faults = options.faults
    this.#busyTimeoutMs = options.busyTimeoutMs ?? 5000
  }

  /**
   * Opens or creates the database and brings its schema up to date. Throws when the file is no database, cannot be
   * opened, or was written by a newer version of this program. `:memory:` is gone when closed.
   */
  static open(file: string, options: SqliteEngineOptions = {}): SqliteEngine {
    const busyTimeoutMs = options.busyTimeoutMs ?? 5000
    const db = new DatabaseSync(file, { enableForeignKeyConstraints: false, timeout: busyTimeoutMs })
    try {
      db.exec('PRAGMA journal_mode = WAL')
      db.exec('PRAGMA synchronous = FULL')
      db.exec('PRAGMA wal_autocheckpoint = 8000')
      db.exec('PRAGMA journal_size_limit = 67108864')
      db.exec('PRAGMA cache_size = -65536')
      db.exec('PRAGMA mmap_size = 268435456')
      db.exec('PRAGMA temp_store = MEMORY')
      migrate(db, file)
      if (options.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${options.maxPages}`)
      db.exec(`PRAGMA busy_timeout = ${Math.min(busyTimeoutMs, BLOCKING_WAIT_MS)}`)
    } catch (error) {
      db.close()
      throw error
    }
    return new SqliteEngine(db, options)
  }

  /** The statement of this text, prepared once. */
  prepare<R = Row>(sql: string): Statement<R> {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = new Statement<R>(this.#db.prepare(sql), this.#faults)
    this.#statements.set(sql, statement as unknown as Statement<never>)
    return statement
  }

  /**
   * Runs `work` inside a transaction that nobody else writes in, and answers once it is durable. `work` is synchronous,
   * may run more than once (its effects outside the database must wait for the promise), and undoes everything by
   * throwing: then only this call fails, with that error. Rejects with `Unavailable` (nothing done: locked for too long,
   * disk full, closed) or `UnknownOutcome` (the commit itself failed). Calls take effect in the order they were made.
   */
  write<T>(work: (engine: SqliteEngine) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) {
        reject(new Unavailable('SQLite: the database is closed'))
        return
      }
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#schedule()
    })
  }

  /** Runs `work`, which sees everything committed; each statement sees one moment. Rejects with `Unavailable`. */
  read<T>(work: (engine: SqliteEngine) => T): Promise<T> {
    try {
      return Promise.resolve(work(this))
    } catch (error) {
      return Promise.reject(beforeCommit(error))
    }
  }

  /** As `read`, all statements of `work` seeing the same moment, whatever other processes write meanwhile. */
  snapshot<T>(work: (engine: SqliteEngine) => T): Promise<T> {
    return this.read(() => {
      this.#db.exec('BEGIN')
      try {
        return work(this)
      } finally {
        this.#rollback()
      }
    })
  }

  /** Finishes the writes under way, then closes; later calls are refused with `Unavailable`. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#scheduled) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    if (this.#db.isOpen) this.#db.close()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    const group = this.#commitGroup()
    if (group === 'busy') {
      setTimeout(() => this.#flush(), BUSY_RETRY_MS)
      return
    }
    this.#scheduled = false
    if (this.#queue.length > 0) this.#schedule()
    else for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  /** Commits as many of the waiting writes as fit a group; each of them is answered when this returns. */
  #commitGroup(): 'done' | 'busy' {
    const begun = this.#begin()
    if (begun !== 'begun') return begun
    const group: Ran[] = []
    const startedAt = performance.now()
    let taken = 0
    try {
      for (const write of this.#queue) {
        taken++
        group.push({ write, value: write.work(this) })
        if (performance.now() - startedAt > GROUP_WORK_MS) break
      }
    } catch (error) {
      this.#rollback()
      const failed = this.#queue.splice(0, taken)
      if (failed.length === 1) failed[0]!.reject(beforeCommit(error))
      else this.#runSingly(failed)
      return 'done'
    }
    this.#queue.splice(0, taken)
    this.#commit(group)
    return 'done'
  }

  /** One of the group failed: each runs alone, so that only the guilty one is told. */
  #runSingly(writes: readonly Write[]): void {
    for (const [index, write] of writes.entries()) {
      try {
        this.#beginNow()
      } catch (error) {
        if (isBusy(error)) this.#queue.unshift(...writes.slice(index))
        else for (const waiting of writes.slice(index)) waiting.reject(beforeCommit(error))
        return
      }
      try {
        const value = write.work(this)
        this.#commit([{ write, value }])
      } catch (error) {
        this.#rollback()
        write.reject(beforeCommit(error))
      }
    }
  }

  #beginNow(): void {
    this.#faults?.before('begin')
    this.#db.exec('BEGIN IMMEDIATE')
    this.#busySince = undefined
  }

  #begin(): 'begun' | 'done' | 'busy' {
    try {
      this.#beginNow()
      return 'begun'
    } catch (error) {
      this.#busySince ??= performance.now()
      if (isBusy(error) && performance.now() - this.#busySince < this.#busyTimeoutMs) return 'busy'
      this.#busySince = undefined
      for (const write of this.#queue.splice(0)) write.reject(beforeCommit(error))
      return 'done'
    }
  }

  #commit(group: readonly Ran[]): void {
    try {
      this.#faults?.before('commit')
    } catch (error) {
      this.#rollback()
      for (const { write } of group) write.reject(beforeCommit(error))
      return
    }
    try {
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#rollback()
      for (const { write } of group) write.reject(atCommit(error))
      return
    }
    try {
      this.#faults?.before('answer')
    } catch (error) {
      for (const { write } of group) write.reject(afterCommit(error))
      return
    }
    for (const { write, value } of group) write.resolve(value)
  }

  /** SQLite has already rolled back by itself after some errors. */
  #rollback(): void {
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
  }
}

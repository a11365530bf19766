import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'

/**
 * Where tests break things: `before` is called ahead of every write of a transaction with the statement's first words
 * (`INSERT INTO run`), and with `begin`, `commit` and `answer` (committed, not yet told). What it throws happens there.
 */
export interface Faults {
  before(step: string): void
}

export interface Changes {
  readonly changes: number
  readonly lastInsertRowid: number
}

/** A row as SQLite gives it; statements name their own shape. */
export type Row = Record<string, SQLOutputValue>

/** A prepared statement of one engine. Synchronous; the writing `run` belongs inside `SqliteEngine.write`. */
export class Statement<R = Row> {
  readonly #statement: StatementSync
  readonly #faults: Faults | undefined
  readonly #step: string

  constructor(statement: StatementSync, faults: Faults | undefined) {
    this.#statement = statement
    this.#faults = faults
    this.#step = statement.sourceSQL
      .trim()
      .split(/[\s(]+/, 3)
      .join(' ')
  }

  run(...values: SQLInputValue[]): Changes {
    this.#faults?.before(this.#step)
    const { changes, lastInsertRowid } = this.#statement.run(...values)
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) }
  }

  get(...values: SQLInputValue[]): R | undefined {
    return this.#statement.get(...values) as R | undefined
  }

  /** The row of a query that always has one, such as an aggregate. */
  one(...values: SQLInputValue[]): R {
    const row = this.get(...values)
    if (row === undefined) throw new Error(`No row came of ${this.#step}`)
    return row
  }

  all(...values: SQLInputValue[]): R[] {
    return this.#statement.all(...values) as R[]
  }

  iterate(...values: SQLInputValue[]): Iterable<R> {
    return this.#statement.iterate(...values) as Iterable<R>
  }
}

import type { Instant, UserId } from '@quarry/domain'
import type { SqliteEngine } from './sqlite-engine.ts'

interface OldRun {
  readonly seq: number
  readonly customer: number
  readonly settled: number
  readonly sha256: string | null
}

const OLD_RUNS = `SELECT r.seq, r.customer, r.rep < o.low_water AS settled,
    CASE r.has_body WHEN 1 THEN r.json ->> '$.outcome.content.sha256' END AS sha256
  FROM run r JOIN result_order o ON o.no = r.order_no WHERE r.json IS NOT NULL`

/** Forgets the oldest runs stored before `before`, with the bodies that only they named; inside a transaction. */
export function pruneRuns(db: SqliteEngine, before: Instant, limit: number): number {
  const old = db.prepare<OldRun>(`${OLD_RUNS} AND r.stored_at < ? ORDER BY r.stored_at LIMIT ?`).all(before, limit)
  return forget(db, old)
}

/** Forgets a customer's runs, whatever their age, with their bodies; inside a transaction. */
export function eraseRunsOf(db: SqliteEngine, customerId: UserId, limit: number): number {
  const old = db
    .prepare<OldRun>(`${OLD_RUNS} AND r.customer = (SELECT no FROM customer WHERE id = ?) LIMIT ?`)
    .all(customerId, limit)
  return forget(db, old)
}

function forget(db: SqliteEngine, old: readonly OldRun[]): number {
  for (const run of old) {
    if (run.sha256 !== null) forgetBody(db, run.customer, run.sha256)
    const statement =
      run.settled === 1
        ? 'DELETE FROM run WHERE seq = ?'
        : 'UPDATE run SET json = NULL, customer = NULL, has_body = 0 WHERE seq = ?'
    db.prepare(statement).run(run.seq)
  }
  return old.length
}

function forgetBody(db: SqliteEngine, customer: number, sha256: string): void {
  const body = db
    .prepare<{ bytes_no: number; refs: number }>('SELECT bytes_no, refs FROM body WHERE customer = ? AND sha256 = ?')
    .get(customer, sha256)
  if (body === undefined) return
  if (body.refs > 1) {
    db.prepare('UPDATE body SET refs = refs - 1 WHERE customer = ? AND sha256 = ?').run(customer, sha256)
    return
  }
  db.prepare('DELETE FROM body_bytes WHERE no = ?').run(body.bytes_no)
  db.prepare('DELETE FROM body WHERE customer = ? AND sha256 = ?').run(customer, sha256)
}

import type { SqliteEngine } from './sqlite-engine.ts'

/** The gaps between an order's runs, from gap to gap; it stops as soon as it has all that are missing. */
export function missingReps(
  db: SqliteEngine,
  orderNo: number,
  part: { from: number; below: number; limit: number },
): number[] {
  const { from, below, limit } = part
  const present = db
    .prepare<{ runs: number }>('SELECT count(*) AS runs FROM run WHERE order_no = ? AND rep >= ? AND rep < ?')
    .one(orderNo, from, below).runs
  const wanted = Math.min(limit, below - from - present)
  const missing: number[] = []
  for (let rep = from; missing.length < wanted;) {
    const gap = firstGap(db, orderNo, rep)
    const next = db
      .prepare<{ rep: number | null }>('SELECT min(rep) AS rep FROM run WHERE order_no = ? AND rep >= ?')
      .one(orderNo, gap).rep
    missing.push(...range(gap, Math.min(next ?? below, below), wanted - missing.length))
    rep = next ?? below
  }
  return missing
}

/** The lowest repetition from `from` on that has no row. */
export function firstGap(db: SqliteEngine, orderNo: number, from: number): number {
  if (db.prepare('SELECT 1 FROM run WHERE order_no = ? AND rep = ?').get(orderNo, from) === undefined) return from
  return db
    .prepare<{ gap: number }>(
      `SELECT rep + 1 AS gap FROM run r WHERE order_no = ? AND rep >= ?
         AND NOT EXISTS (SELECT 1 FROM run n WHERE n.order_no = r.order_no AND n.rep = r.rep + 1)
       ORDER BY rep LIMIT 1`,
    )
    .one(orderNo, from).gap
}

/** `from` to below `below`, the first `limit` of them. */
export function range(from: number, below: number, limit: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(below - from, limit)) }, (_, index) => from + index)
}

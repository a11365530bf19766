import { waitUntil } from '@quarry/testkit'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Marketplace } from './marketplace.ts'

/**
 * Gives an order that has had its first run as many more as `count` says, straight in the database of a marketplace that
 * is one process: copies of the first, a second apart, every twentieth a failure. To have them fetched would take hours.
 */
export async function copyRuns(market: Marketplace, orderId: string, count: number): Promise<void> {
  const db = new DatabaseSync(join(market.dataDir, 'quarry.db'), { timeout: 10_000 })
  try {
    await waitUntil('the first run is written', () => firstRun(db, orderId) !== undefined)
    const { order_no, customer, stored_at, json } = firstRun(db, orderId)!
    const run = JSON.parse(json) as { dueAt: number; startedAt: number; finishedAt: number }
    const failure = { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'No byte for 30 s.' }
    const insert = db.prepare(
      'INSERT INTO run (order_no, rep, customer, stored_at, has_body, json) VALUES (?, ?, ?, ?, 0, ?)',
    )
    db.exec('BEGIN IMMEDIATE')
    for (let rep = 1; rep < count; rep++) {
      const laterMs = rep * 1000
      const shifted = {
        ...run,
        dueAt: run.dueAt + laterMs,
        startedAt: run.startedAt + laterMs,
        finishedAt: run.finishedAt + laterMs,
        ...(rep % 20 === 0 && { outcome: failure }),
      }
      insert.run(order_no, rep, customer, stored_at, JSON.stringify(shifted))
    }
    const failed = Math.floor((count - 1) / 20)
    db.prepare('UPDATE result_order SET delivered = ?, failed = ?, low_water = ? WHERE no = ?').run(
      count - failed,
      failed,
      count,
      order_no,
    )
    db.exec('COMMIT')
  } finally {
    db.close()
  }
}

interface FirstRun {
  readonly order_no: number
  readonly customer: number
  readonly stored_at: number
  readonly json: string
}

function firstRun(db: DatabaseSync, orderId: string): FirstRun | undefined {
  const query = `SELECT r.order_no, r.customer, r.stored_at, r.json FROM run r
    JOIN result_order o ON o.no = r.order_no WHERE o.id = ? AND r.rep = 0`
  return db.prepare(query).get(orderId) as FirstRun | undefined
}

import type { LedgerViolation } from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

type Check = (engine: SqliteEngine) => LedgerViolation[]

interface Subject {
  readonly subject: string
}

/** Every promise of the ledger over all its rows; run it inside a snapshot. It reads every row once or twice. */
export function auditLedger(engine: SqliteEngine): LedgerViolation[] {
  const checks: readonly Check[] = [sumIsZero, rowsMatchBalance, bothSidesPresent, noOverdraft, orderAddsUp]
  return checks.flatMap((check) => check(engine))
}

function sumIsZero(engine: SqliteEngine): LedgerViolation[] {
  const sum = engine.prepare<{ total: number }>('SELECT coalesce(sum(posted), 0) AS total FROM account').one().total
  return sum === 0 ? [] : [{ invariant: 'sum-is-zero', subject: 'all accounts', detail: `they sum up to ${sum} coins` }]
}

function rowsMatchBalance(engine: SqliteEngine): LedgerViolation[] {
  return engine
    .prepare<Subject & { posted: number; total: number }>(
      `SELECT a.id AS subject, a.posted, coalesce(j.total, 0) AS total FROM account a
       LEFT JOIN (SELECT account, sum(amount) AS total FROM journal GROUP BY account) j ON j.account = a.no
       WHERE a.posted <> coalesce(j.total, 0)`,
    )
    .all()
    .map(({ subject, posted, total }) => ({
      invariant: 'rows-match-balance',
      subject,
      detail: `the balance is ${posted} coins, its entries sum up to ${total}`,
    }))
}

/** A posted transfer has exactly its two entries, a refused one has none. */
function bothSidesPresent(engine: SqliteEngine): LedgerViolation[] {
  return engine
    .prepare<Subject>(
      `SELECT t.id AS subject FROM transfer t
       LEFT JOIN journal d ON d.account = t.debit AND d.seq = t.seq
       LEFT JOIN journal c ON c.account = t.credit AND c.seq = t.seq
       WHERE CASE WHEN t.refused_available IS NULL
         THEN coalesce(d.amount, 0) <> -t.amount OR coalesce(c.amount, 0) <> t.amount
         ELSE d.amount IS NOT NULL OR c.amount IS NOT NULL END
       UNION ALL
       SELECT a.id || ' entry ' || j.seq FROM journal j JOIN account a ON a.no = j.account
       LEFT JOIN transfer t ON t.seq = j.seq AND j.account IN (t.debit, t.credit) WHERE t.seq IS NULL`,
    )
    .all()
    .map(({ subject }) => ({
      invariant: 'rows-match-balance',
      subject,
      detail: 'the transfer and its entries do not match',
    }))
}

function noOverdraft(engine: SqliteEngine): LedgerViolation[] {
  return engine
    .prepare<Subject & { posted: number }>(
      `SELECT id AS subject, posted FROM account WHERE posted < 0 AND id NOT LIKE 'mint:%'`,
    )
    .all()
    .map(({ subject, posted }) => ({ invariant: 'no-overdraft', subject, detail: `the balance is ${posted} coins` }))
}

/** For each order: its sums are those of its transfers, and what lies in escrow for it is paidIn - paidOut - refunded >= 0. */
function orderAddsUp(engine: SqliteEngine): LedgerViolation[] {
  return engine
    .prepare<Subject & { paidIn: number; paidOut: number; refunded: number; escrow: number; summed: number }>(
      `WITH moved AS (
         SELECT t.order_id AS id,
           sum(CASE WHEN t.kind = 1 THEN t.amount ELSE 0 END) AS paid_in,
           sum(CASE WHEN t.kind = 2 THEN t.amount ELSE 0 END) AS paid_out,
           sum(CASE WHEN t.kind = 3 THEN t.amount ELSE 0 END) AS refunded,
           sum(CASE WHEN c.id LIKE 'escrow:%' THEN t.amount ELSE 0 END)
             - sum(CASE WHEN d.id LIKE 'escrow:%' THEN t.amount ELSE 0 END) AS escrow
         FROM transfer t JOIN account d ON d.no = t.debit JOIN account c ON c.no = t.credit
         WHERE t.order_id IS NOT NULL AND t.refused_available IS NULL GROUP BY t.order_id
       )
       SELECT m.id AS subject, m.paid_in AS paidIn, m.paid_out AS paidOut, m.refunded, m.escrow,
         o.order_id IS NOT NULL AND o.paid_in = m.paid_in AND o.paid_out = m.paid_out
           AND o.refunded = m.refunded AS summed
       FROM moved m LEFT JOIN order_coins o ON o.order_id = m.id
       WHERE NOT summed OR m.escrow < 0 OR m.escrow <> m.paid_in - m.paid_out - m.refunded
       UNION ALL
       SELECT o.order_id, o.paid_in, o.paid_out, o.refunded, 0, 0 FROM order_coins o
       LEFT JOIN moved m ON m.id = o.order_id WHERE m.id IS NULL`,
    )
    .all()
    .map(({ subject, paidIn, paidOut, refunded, escrow, summed }) => ({
      invariant: 'order-adds-up',
      subject,
      detail:
        `${paidIn} coins paid in, ${paidOut} paid out, ${refunded} refunded, ${escrow} in escrow` +
        (summed ? '' : '; the sums kept of the order differ from its transfers'),
    }))
}

import type { Instant } from '@quarry/domain'
import type { AuditEntry, AuditLog, Page } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface AuditRow {
  readonly at: types.Long
  readonly id: string
  readonly actor_id: string
  readonly action: string
  readonly subject: string
  readonly reason: string
  readonly request_id: string
  readonly details: string
}

/** The audit log, a partition for each month. */
export class AuditRows implements AuditLog {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async appendAudit(entry: AuditEntry): Promise<void> {
    const month = monthOf(entry.at)
    await this.#engine.write('INSERT INTO audit_month (part, month) VALUES (0, ?)', month)
    await this.#engine.decide({
      query: `INSERT INTO audit_entry (month, at, id, actor_id, action, subject, reason, request_id, details)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS`,
      params: [
        ...[month, entry.at, entry.entryId, entry.actorId, entry.action, entry.subject, entry.reason],
        ...[entry.requestId, JSON.stringify(entry.details)],
      ],
    })
  }

  async auditEntries({ after, limit }: { after?: string; limit: number }): Promise<Page<AuditEntry>> {
    const match = /^(\d{1,16}):(.+)$/.exec(after ?? '')
    const at = match ? Number(match[1]) : Number.MAX_SAFE_INTEGER
    const id = match?.[2] ?? ''
    const months = await this.#engine.read<{ month: number }>(
      'SELECT month FROM audit_month WHERE part = 0 AND month <= ?',
      monthOf(at),
    )
    const found: AuditEntry[] = []
    for (const { month } of months) {
      if (found.length > limit) break
      const rows = await this.#engine.read<AuditRow>(
        'SELECT * FROM audit_entry WHERE month = ? AND (at, id) < (?, ?) LIMIT ?',
        month,
        at,
        id,
        limit + 1 - found.length,
      )
      found.push(...rows.map(entryOf))
    }
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return {
      items,
      ...(found.length > limit && last !== undefined && { next: `${last.at}:${last.entryId}` }),
    }
  }
}

function entryOf(row: AuditRow): AuditEntry {
  const { action, subject, reason } = row
  return {
    entryId: row.id,
    at: row.at.toNumber(),
    actorId: row.actor_id,
    action,
    subject,
    reason,
    requestId: row.request_id,
    details: JSON.parse(row.details) as AuditEntry['details'],
  }
}

/** Months of UTC, counted through the years; whatever lies beyond the calendar counts as its end. */
function monthOf(at: Instant): number {
  const date = new Date(Math.min(at, 8.64e15))
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

import {
  err,
  LOG_ROWS,
  notificationPartOf,
  ok,
  type NotificationWishes,
  type Result,
  type UserId,
} from '@quarry/domain'
import type {
  BalanceWatch,
  ChannelProgress,
  DeliveryRow,
  Note,
  NotificationStore,
  Versioned,
  VersionConflict,
} from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

const NOTES_AT_ONCE = 100

/** Wishes, progress, logs and notes, one row each. */
export class SqliteNotificationStore implements NotificationStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  wishes(userId: UserId): Promise<Versioned<NotificationWishes> | undefined> {
    return this.#read(userId, 'wishes')
  }

  saveWishes(userId: UserId, expected: number, wishes: NotificationWishes): Promise<Result<void, VersionConflict>> {
    return this.#save(userId, 'wishes', { expected, value: wishes })
  }

  usersOfPart(part: number): Promise<readonly UserId[]> {
    return this.#engine.read((db) =>
      db
        .prepare<{ user_id: string }>(
          `SELECT user_id FROM notification_doc WHERE part = ? AND key = 'wishes' ORDER BY user_id`,
        )
        .all(part)
        .map((row) => row.user_id),
    )
  }

  progress(userId: UserId, channel: string): Promise<Versioned<ChannelProgress> | undefined> {
    return this.#read(userId, `channel:${channel}`)
  }

  saveProgress(
    userId: UserId,
    channel: string,
    { expected, progress }: { expected: number; progress: ChannelProgress },
  ): Promise<Result<void, VersionConflict>> {
    return this.#save(userId, `channel:${channel}`, { expected, value: progress })
  }

  balanceWatch(userId: UserId): Promise<Versioned<BalanceWatch> | undefined> {
    return this.#read(userId, 'balance')
  }

  saveBalanceWatch(userId: UserId, expected: number, watch: BalanceWatch): Promise<Result<void, VersionConflict>> {
    return this.#save(userId, 'balance', { expected, value: watch })
  }

  async record(userId: UserId, channel: string, rows: readonly DeliveryRow[]): Promise<void> {
    await this.#engine.write((db) => {
      const insert = db.prepare(
        'REPLACE INTO notification_delivery (user_id, channel, at, event_id, json) VALUES (?, ?, ?, ?, ?)',
      )
      for (const row of rows) insert.run(userId, channel, row.at, row.eventId, JSON.stringify(row))
      db.prepare(
        `DELETE FROM notification_delivery WHERE user_id = ?1 AND channel = ?2 AND (at, event_id) < (
           SELECT at, event_id FROM notification_delivery WHERE user_id = ?1 AND channel = ?2
           ORDER BY at DESC, event_id DESC LIMIT 1 OFFSET ${LOG_ROWS - 1})`,
      ).run(userId, channel)
    })
  }

  deliveries(userId: UserId, channel: string): Promise<readonly DeliveryRow[]> {
    return this.#engine.read((db) =>
      db
        .prepare<{ json: string }>(
          `SELECT json FROM notification_delivery WHERE user_id = ? AND channel = ?
           ORDER BY at DESC, event_id DESC LIMIT ${LOG_ROWS}`,
        )
        .all(userId, channel)
        .map(({ json }) => JSON.parse(json) as DeliveryRow),
    )
  }

  async addNote(userId: UserId, note: Note): Promise<void> {
    await this.#engine.write((db) => {
      db.prepare('INSERT OR IGNORE INTO notification_note (user_id, at, note_id, json) VALUES (?, ?, ?, ?)').run(
        userId,
        note.at,
        note.noteId,
        JSON.stringify(note),
      )
    })
  }

  notes(userId: UserId): Promise<readonly Note[]> {
    return this.#engine.read((db) =>
      db
        .prepare<{ json: string }>(
          `SELECT json FROM notification_note WHERE user_id = ? ORDER BY at, note_id LIMIT ${NOTES_AT_ONCE}`,
        )
        .all(userId)
        .map(({ json }) => JSON.parse(json) as Note),
    )
  }

  async removeNotes(userId: UserId, notes: readonly Pick<Note, 'noteId' | 'at'>[]): Promise<void> {
    await this.#engine.write((db) => {
      const remove = db.prepare('DELETE FROM notification_note WHERE user_id = ? AND at = ? AND note_id = ?')
      for (const { at, noteId } of notes) remove.run(userId, at, noteId)
    })
  }

  async forget(userId: UserId): Promise<void> {
    await this.#engine.write((db) => {
      for (const table of ['doc', 'delivery', 'note'])
        db.prepare(`DELETE FROM notification_${table} WHERE user_id = ?`).run(userId)
    })
  }

  #read<T>(userId: UserId, key: string): Promise<Versioned<T> | undefined> {
    return this.#engine.read((db) => {
      const row = db
        .prepare<{ version: number; json: string }>(
          'SELECT version, json FROM notification_doc WHERE user_id = ? AND key = ?',
        )
        .get(userId, key)
      return row && { version: row.version, value: JSON.parse(row.json) as T }
    })
  }

  #save(
    userId: UserId,
    key: string,
    { expected, value }: { expected: number; value: unknown },
  ): Promise<Result<void, VersionConflict>> {
    return this.#engine.write((db) => {
      const json = JSON.stringify(value)
      const { changes } =
        expected === 0
          ? db
              .prepare(
                'INSERT OR IGNORE INTO notification_doc (user_id, key, part, version, json) VALUES (?, ?, ?, 1, ?)',
              )
              .run(userId, key, notificationPartOf(userId), json)
          : db
              .prepare(
                'UPDATE notification_doc SET version = version + 1, json = ? WHERE user_id = ? AND key = ? AND version = ?',
              )
              .run(json, userId, key, expected)
      return changes === 1 ? ok(undefined) : err({ kind: 'version-conflict' })
    })
  }
}

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
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

const NOTES_AT_ONCE = 100
/** A log is cut back to `LOG_ROWS` when it has grown by so many, so that a deletion serves many writes. */
const LOG_SLACK = 50

/** Wishes and progress by Paxos alone; logs and notes plainly, since repeating such a write changes nothing. */
export class CassandraNotificationStore implements NotificationStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  wishes(userId: UserId): Promise<Versioned<NotificationWishes> | undefined> {
    return this.#read(userId, 'wishes')
  }

  /** The index first: whoever dies in between leaves a user named who has no wishes. */
  async saveWishes(
    userId: UserId,
    expected: number,
    wishes: NotificationWishes,
  ): Promise<Result<void, VersionConflict>> {
    if (expected === 0) {
      await this.#engine.write(
        'INSERT INTO notification_user (part, user_id) VALUES (?, ?)',
        notificationPartOf(userId),
        userId,
      )
    }
    return this.#save(userId, 'wishes', { expected, value: wishes })
  }

  async usersOfPart(part: number): Promise<readonly UserId[]> {
    const rows = await this.#engine.read<{ user_id: string }>(
      'SELECT user_id FROM notification_user WHERE part = ?',
      part,
    )
    return rows.map((row) => row.user_id)
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
    if (rows.length === 0) return
    await this.#engine.writeTogether(
      rows.map((row) => ({
        query: 'INSERT INTO notification_delivery (user_id, channel, at, event_id, json) VALUES (?, ?, ?, ?, ?)',
        params: [userId, channel, row.at, row.eventId, JSON.stringify(row)],
      })),
    )
    const kept = await this.#engine.read<{ at: types.Long }>(
      'SELECT at FROM notification_delivery WHERE user_id = ? AND channel = ? LIMIT ?',
      userId,
      channel,
      LOG_ROWS + LOG_SLACK,
    )
    if (kept.length < LOG_ROWS + LOG_SLACK) return
    await this.#engine.write(
      'DELETE FROM notification_delivery WHERE user_id = ? AND channel = ? AND at < ?',
      userId,
      channel,
      kept[LOG_ROWS - 1]!.at,
    )
  }

  async deliveries(userId: UserId, channel: string): Promise<readonly DeliveryRow[]> {
    const rows = await this.#engine.read<{ json: string }>(
      'SELECT json FROM notification_delivery WHERE user_id = ? AND channel = ? LIMIT ?',
      userId,
      channel,
      LOG_ROWS,
    )
    return rows.map(({ json }) => JSON.parse(json) as DeliveryRow)
  }

  addNote(userId: UserId, note: Note): Promise<void> {
    return this.#engine.write(
      'INSERT INTO notification_note (user_id, at, note_id, json) VALUES (?, ?, ?, ?)',
      userId,
      note.at,
      note.noteId,
      JSON.stringify(note),
    )
  }

  async notes(userId: UserId): Promise<readonly Note[]> {
    const rows = await this.#engine.read<{ json: string }>(
      'SELECT json FROM notification_note WHERE user_id = ? LIMIT ?',
      userId,
      NOTES_AT_ONCE,
    )
    return rows.map(({ json }) => JSON.parse(json) as Note)
  }

  async removeNotes(userId: UserId, notes: readonly Pick<Note, 'noteId' | 'at'>[]): Promise<void> {
    if (notes.length === 0) return
    await this.#engine.writeTogether(
      notes.map(({ at, noteId }) => ({
        query: 'DELETE FROM notification_note WHERE user_id = ? AND at = ? AND note_id = ?',
        params: [userId, at, noteId],
      })),
    )
  }

  /** The wishes last: as long as they are there, a repeated call finds every log. */
  async forget(userId: UserId): Promise<void> {
    const docs = await this.#engine.readSerial<{ key: string; version: types.Long }>(
      'SELECT key, version FROM notification_doc WHERE user_id = ?',
      userId,
    )
    const channels = docs.flatMap(({ key }) => (key.startsWith('channel:') ? [key.slice('channel:'.length)] : []))
    const wished = (await this.wishes(userId))?.value.endpoints.map(({ id }) => id) ?? []
    for (const channel of new Set([...channels, ...wished])) {
      await this.#engine.write('DELETE FROM notification_delivery WHERE user_id = ? AND channel = ?', userId, channel)
    }
    await this.#engine.write('DELETE FROM notification_note WHERE user_id = ?', userId)
    for (const { key } of docs.toSorted((a, b) => Number(a.key === 'wishes') - Number(b.key === 'wishes'))) {
      await this.#engine.decide({
        query: 'DELETE FROM notification_doc WHERE user_id = ? AND key = ? IF EXISTS',
        params: [userId, key],
      })
    }
    await this.#engine.write(
      'DELETE FROM notification_user WHERE part = ? AND user_id = ?',
      notificationPartOf(userId),
      userId,
    )
  }

  async #read<T>(userId: UserId, key: string): Promise<Versioned<T> | undefined> {
    const [row] = await this.#engine.readSerial<{ version: types.Long; json: string }>(
      'SELECT version, json FROM notification_doc WHERE user_id = ? AND key = ?',
      userId,
      key,
    )
    return row && { version: row.version.toNumber(), value: JSON.parse(row.json) as T }
  }

  async #save(
    userId: UserId,
    key: string,
    { expected, value }: { expected: number; value: unknown },
  ): Promise<Result<void, VersionConflict>> {
    const json = JSON.stringify(value)
    const { applied } = await this.#engine.decide(
      expected === 0
        ? {
            query: 'INSERT INTO notification_doc (user_id, key, version, json) VALUES (?, ?, 1, ?) IF NOT EXISTS',
            params: [userId, key, json],
          }
        : {
            query: 'UPDATE notification_doc SET version = ?, json = ? WHERE user_id = ? AND key = ? IF version = ?',
            params: [expected + 1, json, userId, key, expected],
          },
    )
    return applied ? ok(undefined) : err({ kind: 'version-conflict' })
  }
}

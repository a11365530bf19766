import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { LastLink, LinkedSignIn, LinkedSignInStore, LinkTaken, NoSuchLink } from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

interface LinkRow {
  link_id: string
  user_id: string
  provider: string
  subject: string
  email: string
  linked_at: number
}

/** Sign-ins of other providers, in SQLite. */
export class SqliteLinkedSignIns implements LinkedSignInStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  link(link: LinkedSignIn): Promise<Result<void, LinkTaken>> {
    return this.#engine.write((db) => {
      const { linkId, userId, provider, subject, email, linkedAt } = link
      db.prepare(
        `INSERT INTO linked_sign_in (link_id, user_id, provider, subject, email, linked_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (link_id) DO NOTHING`,
      ).run(linkId, userId, provider, subject, email, linkedAt)
      const kept = db.prepare<LinkRow>('SELECT * FROM linked_sign_in WHERE link_id = ?').get(linkId)
      return kept?.user_id === userId ? ok(undefined) : err({ kind: 'link-taken' })
    })
  }

  linkById(linkId: string): Promise<LinkedSignIn | undefined> {
    return this.#engine.read((db) => {
      const row = db.prepare<LinkRow>('SELECT * FROM linked_sign_in WHERE link_id = ?').get(linkId)
      return row && linkOf(row)
    })
  }

  linksOf(userId: UserId): Promise<readonly LinkedSignIn[]> {
    return this.#engine.read((db) =>
      db
        .prepare<LinkRow>('SELECT * FROM linked_sign_in WHERE user_id = ? ORDER BY linked_at, link_id')
        .all(userId)
        .map(linkOf),
    )
  }

  unlink(userId: UserId, linkId: string, keepOne: boolean): Promise<Result<void, NoSuchLink | LastLink>> {
    return this.#engine.write((db) => {
      const ids = db
        .prepare<{ link_id: string }>('SELECT link_id FROM linked_sign_in WHERE user_id = ?')
        .all(userId)
        .map((row) => row.link_id)
      if (!ids.includes(linkId)) return err({ kind: 'no-such-link' })
      if (keepOne && ids.length === 1) return err({ kind: 'last-link' })
      db.prepare('DELETE FROM linked_sign_in WHERE link_id = ?').run(linkId)
      return ok(undefined)
    })
  }
}

function linkOf(row: LinkRow): LinkedSignIn {
  return {
    linkId: row.link_id,
    userId: row.user_id,
    provider: row.provider,
    subject: row.subject,
    email: row.email,
    linkedAt: row.linked_at,
  }
}

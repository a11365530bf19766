import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { LastLink, LinkedSignIn, LinkedSignInStore, LinkTaken, NoSuchLink } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'
import { untilDecided } from './lost-races.ts'

interface LinkRow {
  readonly link_id: string
  readonly user_id: string
  readonly provider: string
  readonly subject: string
  readonly email: string
  readonly linked_at: types.Long
}

/** Links by provider and subject, which is where they count, with an index by user that also orders their ends. */
export class UserLinkedSignIns implements LinkedSignInStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async link(link: LinkedSignIn): Promise<Result<void, LinkTaken>> {
    const { linkId, userId, provider, subject, email, linkedAt } = link
    await this.#engine.decide({
      query: 'INSERT INTO linked_sign_in_by_user (user_id, link_id) VALUES (?, ?) IF NOT EXISTS',
      params: [userId, linkId],
    })
    const { applied } = await this.#engine.decide({
      query: `INSERT INTO linked_sign_in (link_id, user_id, provider, subject, email, linked_at)
              VALUES (?, ?, ?, ?, ?, ?) IF NOT EXISTS`,
      params: [linkId, userId, provider, subject, email, linkedAt],
    })
    if (applied || (await this.linkById(linkId))?.userId === userId) return ok(undefined)
    return err({ kind: 'link-taken' })
  }

  async linkById(linkId: string): Promise<LinkedSignIn | undefined> {
    const [row] = await this.#engine.readSerial<LinkRow>(
      'SELECT link_id, user_id, provider, subject, email, linked_at FROM linked_sign_in WHERE link_id = ?',
      linkId,
    )
    return row && linkOf(row)
  }

  async linksOf(userId: UserId): Promise<readonly LinkedSignIn[]> {
    return (await this.#indexed(userId)).links
  }

  /** Out of the index first, which one end at a time can do: the next one counts without it. */
  unlink(userId: UserId, linkId: string, keepOne: boolean): Promise<Result<void, NoSuchLink | LastLink>> {
    return untilDecided('unlink a sign-in', async () => {
      const link = await this.linkById(linkId)
      if (link?.userId !== userId) return err({ kind: 'no-such-link' })
      const { links, unlinkings } = await this.#indexed(userId)
      const others = links.filter((each) => each.linkId !== linkId)
      if (keepOne && others.length === 0) return err({ kind: 'last-link' })
      const { applied } = await this.#engine.decide(
        {
          query: 'UPDATE linked_sign_in_by_user SET unlinkings = ? WHERE user_id = ? IF unlinkings = ?',
          params: [(unlinkings ?? 0) + 1, userId, unlinkings],
        },
        { query: 'DELETE FROM linked_sign_in_by_user WHERE user_id = ? AND link_id = ?', params: [userId, linkId] },
      )
      if (!applied) return undefined
      await this.#engine.decide({
        query: 'DELETE FROM linked_sign_in WHERE link_id = ? IF user_id = ?',
        params: [linkId, userId],
      })
      return ok(undefined)
    })
  }

  /** Ends all links of a user who is being forgotten. Repeating it is safe, also after a crash in the middle. */
  async unlinkAll(userId: UserId): Promise<void> {
    for (const linkId of (await this.#indexed(userId)).linkIds) {
      await this.#engine.decide({
        query: 'DELETE FROM linked_sign_in WHERE link_id = ? IF user_id = ?',
        params: [linkId, userId],
      })
      await this.#engine.decide({
        query: 'DELETE FROM linked_sign_in_by_user WHERE user_id = ? AND link_id = ? IF EXISTS',
        params: [userId, linkId],
      })
    }
  }

  async #indexed(userId: UserId): Promise<{
    readonly links: readonly LinkedSignIn[]
    /** Of the links, and of what the index still or already names. */
    readonly linkIds: readonly string[]
    readonly unlinkings: number | null
  }> {
    const rows = await this.#engine.readSerial<{ link_id: string | null; unlinkings: number | null }>(
      'SELECT link_id, unlinkings FROM linked_sign_in_by_user WHERE user_id = ?',
      userId,
    )
    const linkIds = rows.flatMap((row) => row.link_id ?? [])
    const links = await Promise.all(linkIds.map((linkId) => this.linkById(linkId)))
    return {
      linkIds,
      links: links
        .filter((link) => link?.userId === userId)
        .filter((link) => link !== undefined)
        .sort((a, b) => a.linkedAt - b.linkedAt || (a.linkId < b.linkId ? -1 : 1)),
      unlinkings: rows[0]?.unlinkings ?? null,
    }
  }
}

function linkOf(row: LinkRow): LinkedSignIn {
  return {
    linkId: row.link_id,
    userId: row.user_id,
    provider: row.provider,
    subject: row.subject,
    email: row.email,
    linkedAt: row.linked_at.toNumber(),
  }
}

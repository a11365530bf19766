import type { Result } from '@quarry/domain'

/** A mail to one person, in plain text. */
export interface Mail {
  /** One bare address, as people register: `ada@example.org`. */
  readonly to: string
  /** One line, 200 characters at most. */
  readonly subject: string
  /** 100,000 characters at most; lines end with `\n`. */
  readonly text: string
  /**
   * The same for every try to send this mail, so that a mailbox can tell a second copy: letters, digits, `.`, `_`, `-`,
   * 100 at most. The adapter adds its own host.
   */
  readonly messageId: string
  /** Where a POST ends all mails of this kind (RFC 8058); absent for mails that nobody can do without. */
  readonly unsubscribeUrl?: string
}

/** This mail will never be taken, however often it is tried: its recipient is unknown, or it is no proper mail. */
export interface MailRefused {
  readonly kind: 'mail-refused'
  /** For logs; never for the user, whom it could tell which addresses exist. */
  readonly reason: string
}

/**
 * Sends mail. A mail that breaks the limits of `Mail` is refused by every adapter alike, and so nothing that a user wrote
 * can add a header or a recipient.
 *
 * Throws `Unavailable` when the server is away, answers "later", or refuses us instead of the mail (nothing was sent), and
 * `UnknownOutcome` when it took too long or was lost after the mail was begun. Sending again with the same `messageId` is
 * right after both; after the latter somebody may get two copies. No call takes longer than the adapter's time limit.
 */
export interface Mailer {
  /** Whether mails reach anybody: false where the operator has set up none. Then every mail is refused. */
  readonly delivers: boolean
  /** Resolves when the server has taken the responsibility for the mail. */
  send(mail: Mail): Promise<Result<void, MailRefused>>
}

import { err, ok, type Result } from '@quarry/domain'
import { mailProblem, type Mail, type Mailer, type MailRefused } from '@quarry/mail-port'

/**
 * Writes each mail, links and all, to the log instead of sending it: for development, and for a marketplace whose operator
 * is its only reader. Whoever reads the log can use what the mails hold.
 */
export class LogMailer implements Mailer {
  readonly delivers = true
  readonly #write: (mail: Mail) => void

  constructor(write: (mail: Mail) => void) {
    this.#write = write
  }

  async send(mail: Mail): Promise<Result<void, MailRefused>> {
    const reason = mailProblem(mail)
    if (reason !== undefined) return err({ kind: 'mail-refused', reason })
    this.#write(mail)
    return ok(undefined)
  }
}

import { err, ok, Unavailable, UnknownOutcome, type Result } from '@quarry/domain'
import { mailProblem, type Mail, type Mailer, type MailRefused } from '@quarry/mail-port'
import { createTransport } from 'nodemailer'

const CONNECT_LIMIT_MS = 10_000
const TIME_LIMIT_MS = 30_000

/** How to reach the mail server, and as whom. */
export interface SmtpSettings {
  /** `smtp://user:password@host:587` (STARTTLS where the server offers it) or `smtps://…` (TLS from the start). */
  readonly url: string
  /** The sender: `Quarry <quarry@example.org>`, or the bare address. */
  readonly from: string
  /** The longest time that one mail may take. */
  readonly timeLimitMs?: number
}

/** Of nodemailer's errors, what tells them apart. */
interface SmtpError {
  readonly code?: string
  readonly command?: string
  readonly responseCode?: number
  readonly syscall?: string
  readonly timeoutType?: string
}

/**
 * Mail over SMTP, a connection for each mail. A password is never sent in the clear but to this very machine. The body is
 * given as text alone: nodemailer may neither read files nor fetch anything for it.
 */
export class SmtpMailer implements Mailer {
  readonly delivers = true
  readonly #transport: ReturnType<typeof openTransport>
  readonly #from: string
  readonly #host: string
  readonly #timeLimitMs: number

  constructor({ url, from, timeLimitMs = TIME_LIMIT_MS }: SmtpSettings) {
    this.#from = from
    this.#host = /@([^@>\s]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'
    this.#timeLimitMs = timeLimitMs
    this.#transport = openTransport(new URL(url), timeLimitMs)
  }

  async send(mail: Mail): Promise<Result<void, MailRefused>> {
    const reason = mailProblem(mail)
    if (reason !== undefined) return err({ kind: 'mail-refused', reason })
    try {
      await this.#transport.sendMail({
        from: this.#from,
        to: { name: '', address: mail.to },
        subject: mail.subject,
        text: mail.text,
        messageId: `<${mail.messageId}@${this.#host}>`,
        // Out-of-office answers and lists must not answer a program.
        headers: {
          'auto-submitted': 'auto-generated',
          ...(mail.unsubscribeUrl !== undefined && {
            'list-unsubscribe': `<${mail.unsubscribeUrl}>`,
            'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
          }),
        },
        signal: AbortSignal.timeout(this.#timeLimitMs),
      })
      return ok(undefined)
    } catch (error) {
      if (isAboutTheMail(error as SmtpError)) return err({ kind: 'mail-refused', reason: (error as Error).message })
      throw notSent(error as Error & SmtpError)
    }
  }
}

function openTransport(url: URL, timeLimitMs: number) {
  const user = decodeURIComponent(url.username)
  const tls = url.protocol === 'smtps:'
  const connectMs = Math.min(CONNECT_LIMIT_MS, timeLimitMs)
  const signsIn = user !== ''
  return createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port !== '' && { port: Number(url.port) }),
    secure: tls,
    requireTLS: signsIn && !tls && !isThisMachine(url.hostname),
    ...(signsIn && { auth: { user, pass: decodeURIComponent(url.password) }, forceAuth: true }),
    connectionTimeout: connectMs,
    dnsTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: timeLimitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** A lasting no to the recipient or to the text; a no to our own address or password is for the operator to mend. */
function isAboutTheMail({ responseCode = 0, command }: SmtpError): boolean {
  return responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA')
}

function notSent(error: Error & SmtpError): Unavailable | UnknownOutcome {
  const { code = '', responseCode, syscall, timeoutType } = error
  const answered = responseCode !== undefined
  const beforeTheMail =
    ['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'ECONFIG', 'EPROXY'].includes(code) ||
    syscall === 'connect' ||
    (timeoutType !== undefined && timeoutType !== 'SOCKET_TIMEOUT')
  if (answered || beforeTheMail)
    return new Unavailable(`the mail server cannot be used: ${error.message}`, { cause: error })
  return new UnknownOutcome(`the mail server was lost: ${error.message}`, { cause: error })
}

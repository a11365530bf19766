import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail as its recipients got it. */
export interface ReceivedMail {
  /** To whom the server was told to deliver it, whatever the headers say. */
  readonly to: readonly string[]
  readonly subject: string
  /** With `\n` at the ends of lines. */
  readonly text: string
  readonly messageId: string
  /** All headers, by their names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

/** How the server treats what it is given; all of it may be changed while it runs. */
export interface MailServerBehaviour {
  /** The answer to a recipient: a status such as 550, or undefined to take it. */
  recipient?: (address: string) => number | undefined
  /** The answer after the text of a mail: a status, or undefined to take it. */
  end?: () => number | undefined
  /** Whether the server says nothing any more once it has the mail. */
  silent?: boolean
  /** Whoever does not sign in with these may not send. */
  account?: { readonly user: string; readonly password: string }
}

/** A real SMTP server on a free port of this machine, which keeps what it gets in memory. */
export class MailServer {
  readonly behaviour: MailServerBehaviour = {}
  readonly #received: ReceivedMail[] = []
  readonly #server: SMTPServer
  readonly #waiting = new Set<() => void>()

  private constructor(options: { readonly signIn: boolean }) {
    this.#server = new SMTPServer({
      disabledCommands: ['STARTTLS', ...(options.signIn ? [] : ['AUTH'])],
      authOptional: !options.signIn,
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ username, password }, _, done) => {
        const { account } = this.behaviour
        if (account?.user === username && account?.password === password) done(null, { user: username })
        else done(problem(535))
      },
      onRcptTo: ({ address }, _, done) => done(problem(this.behaviour.recipient?.(address))),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const status = this.behaviour.end?.()
          if (status !== undefined) return done(problem(status))
          const to = session.envelope.rcptTo.map(({ address }) => address)
          void this.#keep(Buffer.concat(chunks), to).then(() => (this.behaviour.silent ? undefined : done()))
        })
      },
    })
    // What a client does to its connection is the client's affair.
    this.#server.on('error', () => undefined)
  }

  /** With `signIn`, only whoever signs in as `behaviour.account` may send. */
  static async start(options: { readonly signIn: boolean; readonly port?: number } = { signIn: false }) {
    const server = new MailServer(options)
    await once(server.#server.listen(options.port ?? 0, '127.0.0.1'), 'listening')
    return server
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`
  }

  /** All mails so far, oldest first. */
  get received(): readonly ReceivedMail[] {
    return this.#received
  }

  /** The newest mail that was not there at the time of `after`; waits for it, so the test's own time limit holds. */
  async next(after: number): Promise<ReceivedMail> {
    while (this.#received.length <= after) await new Promise<void>((resolve) => this.#waiting.add(resolve))
    return this.#received.at(-1)!
  }

  /** Ends at once, open connections too. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(resolve))
    for (const connection of this.#server.connections) connection.close()
    await closed
  }

  async #keep(raw: Buffer, to: readonly string[]): Promise<void> {
    const { subject = '', text = '', messageId = '', headers } = await PostalMime.parse(raw)
    this.#received.push({ to, subject, text: text.replaceAll('\r\n', '\n'), messageId, headers: named(headers) })
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

function named(headers: readonly { key: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(headers.map(({ key, value }) => [key, value]))
}

function problem(status: number | undefined): Error | null {
  return status === undefined ? null : Object.assign(new Error('planted by the test'), { responseCode: status })
}

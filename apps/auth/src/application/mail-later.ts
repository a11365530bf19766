import { sleep, Unavailable, UnknownOutcome, type Clock } from '@quarry/domain'
import type { Mail, Mailer } from '@quarry/mail-port'

const AT_ONCE = 4
const MOST_WAITING = 1_000
/** Between two tries of one mail: altogether longer than a mail server takes to be started again. */
const WAITS_MS = [1_000, 5_000, 30_000, 120_000, 300_000]

/** What is told of what became of the work. */
export interface MailWatch {
  warn(details: object, message: string): void
}

/**
 * Does what a mail needs after the request that caused it was answered, in memory: a crash loses what is under way, and
 * whoever misses a mail asks for it again. Bounded, so that a flood of requests loses mails instead of this process.
 */
export class MailLater {
  readonly #mailer: Mailer
  readonly #clock: Clock
  readonly #watch: MailWatch
  readonly #waiting: (() => Promise<void>)[] = []
  #running = 0

  constructor(mailer: Mailer, clock: Clock, watch: MailWatch) {
    this.#mailer = mailer
    this.#clock = clock
    this.#watch = watch
  }

  get delivers(): boolean {
    return this.#mailer.delivers
  }

  /** Sends the mail, trying again for some minutes while the mail server is away. */
  send(mail: Mail): void {
    if (this.delivers) this.do(() => this.#trying(mail))
  }

  /** Does the work in its turn; its failure is told and forgotten. */
  do(work: () => Promise<void>): void {
    if (this.#waiting.length >= MOST_WAITING)
      return this.#watch.warn({ waiting: MOST_WAITING }, 'too many mails are waiting, so one is dropped')
    this.#waiting.push(work)
    if (this.#running < AT_ONCE) void this.#runAll()
  }

  async #runAll(): Promise<void> {
    this.#running++
    for (let work = this.#waiting.shift(); work; work = this.#waiting.shift())
      await work().catch((err: unknown) => this.#watch.warn({ err }, 'a mail was not sent'))
    this.#running--
  }

  async #trying(mail: Mail): Promise<void> {
    for (const waitMs of [...WAITS_MS, undefined]) {
      try {
        const sent = await this.#mailer.send(mail)
        if (!sent.ok) this.#watch.warn({ reason: sent.error.reason, messageId: mail.messageId }, 'a mail was refused')
        return
      } catch (error) {
        const worthTrying = error instanceof Unavailable || error instanceof UnknownOutcome
        if (!worthTrying || waitMs === undefined) throw error
        this.#watch.warn({ reason: error.message, messageId: mail.messageId, waitMs }, 'a mail is tried again later')
      }
      await sleep(this.#clock, waitMs)
    }
  }
}

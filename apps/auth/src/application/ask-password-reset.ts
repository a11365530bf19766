import { err, ok, type Clock, type Result } from '@quarry/domain'
import type { AccountStore, PasswordResetStore, ThrottleStore } from '@quarry/storage-port'
import type { MailLater } from './mail-later.ts'
import { passwordResetMail, type MailLanguage } from './mails.ts'
import { markOf, newResetToken, RESET_LIFE_MS } from './password-reset-token.ts'
import type { SignInCounters } from './sign-in-counters.ts'

/** So many mails go to an address at once; then one every ten minutes, which is more often than the links expire. */
const MAILS_AT_ONCE = 3
const MAIL_EVERY_MS = 10 * 60_000

/** The operator has set up no mail. */
export interface MailOff {
  readonly kind: 'mail-off'
}

export class AskPasswordReset {
  readonly #store: AccountStore & PasswordResetStore & ThrottleStore
  readonly #counters: SignInCounters
  readonly #mails: MailLater
  readonly #clock: Clock
  readonly #siteUrl: () => string

  constructor(parts: {
    store: AccountStore & PasswordResetStore & ThrottleStore
    counters: SignInCounters
    mails: MailLater
    clock: Clock
    siteUrl: () => string
  }) {
    this.#store = parts.store
    this.#counters = parts.counters
    this.#mails = parts.mails
    this.#clock = parts.clock
    this.#siteUrl = parts.siteUrl
  }

  /**
   * Mails a link to a new password, if somebody has this address. All of it happens after the answer, so that neither the
   * answer nor its time tells whether somebody has. A crash meanwhile loses the mail, and its reader asks again.
   */
  run(request: { readonly email: string; readonly language?: MailLanguage | undefined }): Result<void, MailOff> {
    if (!this.#mails.delivers) return err({ kind: 'mail-off' })
    this.#mails.do(() => this.#mail(request))
    return ok(undefined)
  }

  async #mail({ email, language }: { readonly email: string; readonly language?: MailLanguage | undefined }) {
    if (!(await this.#mayMail(email))) return
    const user = await this.#store.userByEmail(email)
    if (!user) return
    const { token, tokenHash } = newResetToken()
    await this.#store.createPasswordReset({
      tokenHash,
      userId: user.userId,
      passwordMark: markOf(user),
      expiresAt: this.#clock.now() + RESET_LIFE_MS,
    })
    // In the fragment, which no server and no log on the way sees.
    const link = new URL(`/reset#token=${token}`, this.#siteUrl()).href
    this.#mails.send(passwordResetMail(user, { link, language }))
  }

  /** Whoever fills a mailbox with these stops at a few; its owner always has a link that is good, or soon gets one. */
  async #mayMail(email: string): Promise<boolean> {
    const key = this.#counters.ofMails(email)
    const now = this.#clock.now()
    const before = await this.#store.throttle(key)
    if (before && now < before.blockedUntil) return false
    const failures = (before?.failures ?? 0) + 1
    const blockedUntil = failures < MAILS_AT_ONCE ? 0 : now + MAIL_EVERY_MS
    return this.#store.swapThrottle(key, before?.version ?? 0, { failures, blockedUntil, at: now })
  }
}

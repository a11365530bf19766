import { err, ok, type Clock, type Result } from '@quarry/domain'
import type { AccountStore, PasswordResetStore, User } from '@quarry/storage-port'
import { isCommonPassword } from './common-passwords.ts'
import type { EndAccess } from './ended-access.ts'
import type { MailLater } from './mail-later.ts'
import { passwordChangedMail } from './mails.ts'
import { hashOfResetToken, markOf } from './password-reset-token.ts'
import type { Passwords } from './passwords.ts'
import type { PasswordTooCommon } from './register-user.ts'
import type { SecondFactor } from './second-factor.ts'
import type { SignInCounters } from './sign-in-counters.ts'
import type { SignInRefusal } from './sign-in.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

/** Expired, used, made for an earlier password, or never made: nobody is told which. */
export interface ResetLinkInvalid {
  readonly kind: 'reset-link-invalid'
}

export interface ResetPasswordRequest {
  readonly token: string
  readonly newPassword: string
  /** Of the second factor, or a recovery code; a mailbox alone does not get around it. */
  readonly code?: string | undefined
  readonly deviceToken?: string | undefined
}

export class ResetPassword {
  readonly #store: AccountStore & PasswordResetStore
  readonly #passwords: Passwords
  readonly #secondFactor: SecondFactor
  readonly #throttle: SignInThrottle
  readonly #counters: SignInCounters
  readonly #endAccess: EndAccess
  readonly #mails: MailLater
  readonly #clock: Clock

  constructor(parts: {
    store: AccountStore & PasswordResetStore
    passwords: Passwords
    secondFactor: SecondFactor
    throttle: SignInThrottle
    counters: SignInCounters
    endAccess: EndAccess
    mails: MailLater
    clock: Clock
  }) {
    this.#store = parts.store
    this.#passwords = parts.passwords
    this.#secondFactor = parts.secondFactor
    this.#throttle = parts.throttle
    this.#counters = parts.counters
    this.#endAccess = parts.endAccess
    this.#mails = parts.mails
    this.#clock = parts.clock
  }

  /**
   * Sets a new password for whoever shows a mailed link and the second factor, if there is one, and ends all sessions.
   * Of two tries with one link one wins: the link is good for one password only. They end before the change, too, so that a
   * crash between the two leaves no session that outlives it.
   */
  async run(
    request: ResetPasswordRequest,
  ): Promise<Result<void, ResetLinkInvalid | PasswordTooCommon | SignInRefusal>> {
    const user = await this.#userOf(request.token)
    if (!user) return err({ kind: 'reset-link-invalid' })
    if (isCommonPassword(request.newPassword)) return err({ kind: 'password-too-common' })
    const shown = await this.#secondFactorOf(user, request)
    if (!shown.ok) return shown
    const hashed = await this.#passwords.hash(request.newPassword)
    if (!hashed.ok) return hashed
    await this.#endAccess.sessionsOf(user.userId)
    if (!(await this.#store.replacePasswordHash(user.userId, user.passwordHash, hashed.value)))
      return err({ kind: 'reset-link-invalid' })
    await this.#endAccess.sessionsOf(user.userId)
    this.#mails.send(passwordChangedMail(user))
    return ok(undefined)
  }

  async #userOf(token: string): Promise<User | undefined> {
    const hash = hashOfResetToken(token)
    const reset = hash === undefined ? undefined : await this.#store.passwordReset(hash)
    if (!reset || this.#clock.now() >= reset.expiresAt) return undefined
    const user = await this.#store.userById(reset.userId)
    return user && markOf(user) === reset.passwordMark ? user : undefined
  }

  /** Guesses are counted with those of signing in: a link does not buy a second set of tries. */
  async #secondFactorOf(user: User, { code, deviceToken }: ResetPasswordRequest): Promise<Result<void, SignInRefusal>> {
    if (!user.totp) return ok(undefined)
    if (code === undefined) return err({ kind: 'totp-required' })
    const guess = await this.#throttle.begin(this.#counters.ofGuesses({ email: user.email, deviceToken }, user))
    if (!guess.ok) return guess
    const accepted = await this.#secondFactor.accept(user, code)
    if (accepted.ok) await guess.value.succeed()
    return accepted
  }
}

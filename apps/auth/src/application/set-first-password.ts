import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, SessionStore, User } from '@quarry/storage-port'
import { isCommonPassword } from './common-passwords.ts'
import type { EndAccess } from './ended-access.ts'
import type { MailLater } from './mail-later.ts'
import { passwordChangedMail } from './mails.ts'
import { NO_PASSWORD, type Passwords } from './passwords.ts'
import type { PasswordTooCommon } from './register-user.ts'
import type { SecondFactor } from './second-factor.ts'
import type { SignInRefusal } from './sign-in.ts'
import { signedInCounter, type SignInThrottle } from './sign-in-throttle.ts'

/** How old a session may be to stand for the first factor of an account that has no password. */
const FRESH_MS = 10 * 60_000

/** The account has a password already; it is changed by showing it. */
export interface HasPassword {
  readonly kind: 'has-password'
}

/** The session is not fresh enough to stand for a factor: whoever holds it may be somebody else by now. */
export interface SignInAgain {
  readonly kind: 'sign-in-again'
}

export interface FirstPasswordRequest {
  readonly userId: UserId
  readonly newPassword: string
  /** Of the second factor in force, or a recovery code. */
  readonly code?: string | undefined
  readonly sessionId: string | undefined
}

export class SetFirstPassword {
  readonly #store: AccountStore & SessionStore
  readonly #passwords: Passwords
  readonly #secondFactor: SecondFactor
  readonly #throttle: SignInThrottle
  readonly #endAccess: EndAccess
  readonly #mails: MailLater
  readonly #clock: Clock

  constructor(parts: {
    store: AccountStore & SessionStore
    passwords: Passwords
    secondFactor: SecondFactor
    throttle: SignInThrottle
    endAccess: EndAccess
    mails: MailLater
    clock: Clock
  }) {
    this.#store = parts.store
    this.#passwords = parts.passwords
    this.#secondFactor = parts.secondFactor
    this.#throttle = parts.throttle
    this.#endAccess = parts.endAccess
    this.#mails = parts.mails
    this.#clock = parts.clock
  }

  /** Gives a password to an account that came from a provider, to whoever signed in there a moment ago. Of two one wins. */
  async run(
    request: FirstPasswordRequest,
  ): Promise<Result<void, HasPassword | SignInAgain | PasswordTooCommon | SignInRefusal>> {
    const { userId, newPassword, sessionId } = request
    if (isCommonPassword(newPassword)) return err({ kind: 'password-too-common' })
    const user = await this.#store.userById(userId)
    if (user?.passwordHash !== NO_PASSWORD) return err({ kind: 'has-password' })
    const session = sessionId === undefined ? undefined : await this.#store.session(userId, sessionId)
    if (!session || this.#clock.now() - session.createdAt >= FRESH_MS) return err({ kind: 'sign-in-again' })
    const shown = await this.#secondFactorOf(user, request.code)
    if (!shown.ok) return shown
    const hashed = await this.#passwords.hash(newPassword)
    if (!hashed.ok) return hashed
    if (!(await this.#store.replacePasswordHash(userId, NO_PASSWORD, hashed.value)))
      return err({ kind: 'has-password' })
    this.#endAccess.tell(userId, [])
    this.#mails.send(passwordChangedMail(user))
    return ok(undefined)
  }

  async #secondFactorOf(user: User, code: string | undefined): Promise<Result<void, SignInRefusal>> {
    if (!user.totp) return ok(undefined)
    if (code === undefined) return err({ kind: 'totp-required' })
    const guess = await this.#throttle.begin(signedInCounter(user.userId))
    if (!guess.ok) return guess
    const accepted = await this.#secondFactor.accept(user, code)
    if (accepted.ok) await guess.value.succeed()
    return accepted
  }
}

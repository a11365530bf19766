import { err, ok, type Result } from '@quarry/domain'
import type { AccountStore } from '@quarry/storage-port'
import { isCommonPassword } from './common-passwords.ts'
import type { EndAccess } from './ended-access.ts'
import type { MailLater } from './mail-later.ts'
import { passwordChangedMail } from './mails.ts'
import type { Passwords } from './passwords.ts'
import type { PasswordTooCommon } from './register-user.ts'
import type { SignInRefusal } from './sign-in.ts'
import type { ShownFactors, StepUp } from './step-up.ts'

export interface ChangePasswordRequest extends ShownFactors {
  readonly newPassword: string
  /** Whether all sessions but `sessionId` end. */
  readonly endOtherSessions: boolean
  readonly sessionId: string | undefined
}

export class ChangePassword {
  readonly #accounts: AccountStore
  readonly #passwords: Passwords
  readonly #stepUp: StepUp
  readonly #endAccess: EndAccess
  readonly #mails: MailLater

  constructor(parts: {
    accounts: AccountStore
    passwords: Passwords
    stepUp: StepUp
    endAccess: EndAccess
    mails: MailLater
  }) {
    this.#accounts = parts.accounts
    this.#passwords = parts.passwords
    this.#stepUp = parts.stepUp
    this.#endAccess = parts.endAccess
    this.#mails = parts.mails
  }

  /** Replaces the password after all factors were shown anew. Links that were mailed for the old one are worth nothing. */
  async run(request: ChangePasswordRequest): Promise<Result<void, SignInRefusal | PasswordTooCommon>> {
    if (isCommonPassword(request.newPassword)) return err({ kind: 'password-too-common' })
    const shown = await this.#stepUp.run(request)
    if (!shown.ok) return shown
    const user = shown.value
    const hashed = await this.#passwords.hash(request.newPassword)
    if (!hashed.ok) return hashed
    // Changed by somebody else in between: the password that was shown is right no more.
    if (!(await this.#accounts.replacePasswordHash(user.userId, user.passwordHash, hashed.value)))
      return err({ kind: 'sign-in-failed' })
    if (request.endOtherSessions) await this.#endAccess.sessionsOf(user.userId, request.sessionId)
    this.#mails.send(passwordChangedMail(user))
    return ok(undefined)
  }
}

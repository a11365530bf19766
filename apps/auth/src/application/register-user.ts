import { err, ok, type Clock, type Result } from '@quarry/domain'
import type { AccountStore } from '@quarry/storage-port'
import type { Busy } from './bounded-work.ts'
import { isCommonPassword } from './common-passwords.ts'
import type { Passwords } from './passwords.ts'
import { randomId } from './random-text.ts'

export interface PasswordTooCommon {
  readonly kind: 'password-too-common'
}

export class RegisterUser {
  readonly #accounts: AccountStore
  readonly #passwords: Passwords
  readonly #clock: Clock

  constructor(accounts: AccountStore, passwords: Passwords, clock: Clock) {
    this.#accounts = accounts
    this.#passwords = passwords
    this.#clock = clock
  }

  /**
   * Adds a user with this address, unless there is one: then nothing changes. The caller cannot tell which, not even by
   * the time it takes: either way a password is hashed and one conditional write is made.
   */
  async run(request: {
    readonly email: string
    readonly password: string
    readonly language?: 'de' | 'en' | undefined
  }): Promise<Result<void, PasswordTooCommon | Busy>> {
    if (isCommonPassword(request.password)) return err({ kind: 'password-too-common' })
    const hashed = await this.#passwords.hash(request.password)
    if (!hashed.ok) return hashed
    await this.#accounts.createUser({
      userId: randomId(),
      email: request.email,
      passwordHash: hashed.value,
      createdAt: this.#clock.now(),
      ...(request.language !== undefined && { language: request.language }),
    })
    return ok(undefined)
  }
}

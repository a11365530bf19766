import { z } from 'zod'
import { registerSchema, shownFactors } from './auth.ts'

/** `GET /api/v1/auth/entrance`: the ways in beside the password. */
export interface EntranceView {
  readonly providers: readonly { readonly id: string; readonly name: string }[]
  /** Whether `POST /api/v1/auth/guest` lets guests in: `SessionView`, and a cookie for `refresh`; `guest_disabled` if not. */
  readonly guests: boolean
}

/** A path of this site, never another's: what begins with two slashes or a backslash is one. */
const localPathSchema = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\p{Cc}\\]*$/u, 'must be a path of this site')

const nextSchema = localPathSchema.optional().describe('path of this site on which the browser ends')
const newPasswordSchema = registerSchema.shape.password

/**
 * `POST /api/v1/auth/elsewhere/:provider/start` signs in: `ElsewhereStartView`, and a sealed cookie. The browser goes there
 * and comes back to `GET …/:provider/callback`, which leads to `next`, to `/login?elsewhere=<provider's name>` when our
 * second factor is missing (`POST …/finish`: `SessionView`), or back with `problem=<code>`: `elsewhere_failed`, `_expired`,
 * `_declined`, `_unreachable`, `_unverified` (the address), `_email_known` (there is such an account, and its owner has to
 * link the two), `_taken`, `account_disabled`, `sign_in_failed`. Starting: `not_found`, `elsewhere_unreachable`.
 */
export const startElsewhereSchema = z.strictObject({
  next: nextSchema,
  language: registerSchema.shape.language,
})
/** `POST …/:provider/link`: the same for the account that is signed in, which shows its factors for it. */
export const linkElsewhereSchema = z.strictObject({ ...shownFactors, next: nextSchema })
export interface ElsewhereStartView {
  readonly url: string
}
export const finishElsewhereSchema = z.strictObject({ code: z.string().min(1).max(40) })

/** `GET /api/v1/auth/links`. */
export interface LinkedSignInView {
  readonly id: string
  /** The provider's name. */
  readonly provider: string
  /** What the provider told when it was linked; may be empty. */
  readonly email: string
  readonly linkedAt: number
}

/** `POST /api/v1/auth/links/:id/unlink`: 204. `last_way_in` for the only link of an account that has no password. */
export const unlinkSchema = z.strictObject(shownFactors)

/**
 * `POST /api/v1/auth/password/first`: 204, for an account that came from a provider. `sign_in_again` when that was more
 * than ten minutes ago, `wrong_state` when the account has a password, `totp_required`, `password_too_common`.
 */
export const firstPasswordSchema = z.strictObject({ newPassword: newPasswordSchema, code: shownFactors.code })

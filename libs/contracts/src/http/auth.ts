import { z } from 'zod'

/** What a token lets its bearer do. A signed-in browser has all of them, `admin` only for an administrator with a second factor. */
export const scopes = ['account', 'orders:read', 'orders:write', 'results:read', 'mine', 'admin'] as const
export type Scope = (typeof scopes)[number]
/** The scopes an API token may have: never `account`. */
export const apiTokenScopes = [
  'orders:read',
  'orders:write',
  'results:read',
  'mine',
] as const satisfies readonly Scope[]

/** Claims that the access tokens of auth carry, beside `iat exp nbf jti`; header `typ: at+jwt`, `alg: EdDSA`. */
export const TOKEN_ISSUER = 'quarry'
export const TOKEN_AUDIENCE = 'quarry'
export const accessClaimsSchema = z.object({
  sub: z.string(),
  /** Scopes separated by blanks. */
  scope: z.string(),
  exp: z.int(),
  jti: z.string(),
  /** What the token was given for, `session:<id>`, `token:<id>` or `GUEST_GRANT`; it is over when that is. */
  grant: z.string().max(100).optional(),
})
/** The grant of a guest's access token: its bearer looks around in the account that the operator shows, and changes nothing. */
export const GUEST_GRANT = 'guest'
export const ACCESS_TOKEN_LIFE_MS = 5 * 60 * 1000

const emailSchema = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase())
const passwordSchema = z.string().min(8).max(1024)
const languageSchema = z.enum(['de', 'en'])
const shownPasswordSchema = z.string().min(1).max(1024)
const shownCodeSchema = z.string().min(1).max(40)
const totpCodeSchema = z.string().regex(/^\d{6}$/, 'must be six digits')

/** `POST /api/v1/auth/register`: 202 whether or not the address was known before; sign in to go on. */
export const registerSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  language: languageSchema.optional().describe('in which mails are written'),
})

/**
 * `POST /api/v1/auth/login`: `SessionView`, and the refresh cookie. `totp_required` when the password was right and the
 * account has a second factor, `totp_clock_off` when the code was right for a time some minutes away; `sign_in_failed` for
 * everything else.
 */
export const loginSchema = z.strictObject({
  email: emailSchema,
  password: z.string().min(1).max(1024),
  code: z.string().min(1).max(40).optional().describe('six digits of the authenticator, or a recovery code'),
})

export interface UserView {
  readonly userId: string
  readonly email: string
  readonly totpEnabled: boolean
  readonly createdAt: number
  /** Whether the account may administer; without a second factor it still cannot. */
  readonly admin: boolean
  readonly language?: 'de' | 'en'
  /** A guest, who looks around in an account of somebody else: its address is not told. */
  readonly guest?: true
}

/**
 * Answer of `login` and of `POST /api/v1/auth/refresh` (cookie only). The access token lives in memory, never in storage.
 * A refresh token works once, and showing it again ends the session: a browser refreshes in one tab at a time (Web Locks).
 * `POST /api/v1/auth/logout` (cookie only) ends the session and answers 204, also when there was none.
 */
export interface SessionView {
  readonly accessToken: string
  readonly expiresAt: number
  readonly user: UserView
}

/**
 * `POST /api/v1/auth/totp/enrol`: a secret that counts only after `confirm`. `totp_required` when the account has a second
 * factor already and no `code` of it was given: changing it needs both factors anew.
 */
export const enrolTotpSchema = z.strictObject({
  password: z.string().min(1).max(1024),
  code: z.string().min(1).max(40).optional().describe('of the second factor in force, or a recovery code'),
})
export interface TotpEnrolmentView {
  readonly secret: string
  readonly otpauthUri: string
}
/** `POST /api/v1/auth/totp/confirm`: `RecoveryCodesView`, shown once. `wrong_state` when nothing waits to be confirmed. */
export const confirmTotpSchema = z.strictObject({
  code: totpCodeSchema,
  endOtherSessions: z.boolean().optional().describe('whether all other browsers are signed out'),
})
export interface RecoveryCodesView {
  readonly recoveryCodes: readonly string[]
}

/** `GET /api/v1/auth/account`. */
export interface OwnAccountView {
  readonly user: UserView
  readonly recoveryCodesLeft: number
  /** False of an account that came from another provider, until it is given one (`POST /api/v1/auth/password/first`). */
  readonly hasPassword: boolean
}

/** `PUT /api/v1/auth/language`: 204; in which the user is written to. */
export const languageChoiceSchema = z.strictObject({ language: languageSchema })

/** What is shown anew before something sensitive changes; `totp_required` when there is a second factor and no code. */
export const shownFactors = {
  password: shownPasswordSchema,
  code: shownCodeSchema.optional().describe('of the second factor in force, or a recovery code'),
}

/** `POST /api/v1/auth/password`: 204. `password_too_common`, `sign_in_failed`. */
export const changePasswordSchema = z.strictObject({
  ...shownFactors,
  newPassword: passwordSchema,
  endOtherSessions: z.boolean().optional().describe('whether all other browsers are signed out'),
})

/** `POST /api/v1/auth/password/forgot`: 202 whether or not the address is known; `mail_off` where no mail is sent. */
export const forgotPasswordSchema = z.strictObject({ email: emailSchema, language: languageSchema.optional() })

/**
 * `POST /api/v1/auth/password/reset`: 204, and every session of the account is over. `reset_link_invalid` when the link has
 * expired, was used, or is for an earlier password; `totp_required` when the account has a second factor.
 */
export const resetPasswordSchema = z.strictObject({
  token: z.string().min(1).max(100),
  newPassword: passwordSchema,
  code: shownCodeSchema.optional().describe('of the second factor in force, or a recovery code'),
})

/** `POST /api/v1/auth/recovery-codes`: `RecoveryCodesView`, instead of all older ones. `wrong_state` without second factor. */
export const renewRecoveryCodesSchema = z.strictObject(shownFactors)

/** `POST /api/v1/auth/totp/remove`: 204. `wrong_state` without second factor. */
export const removeTotpSchema = z.strictObject({
  ...shownFactors,
  endOtherSessions: z.boolean().optional().describe('whether all other browsers are signed out'),
})

/**
 * `GET /api/v1/auth/sessions`: the browsers in which the user is signed in. `DELETE /api/v1/auth/sessions/:id` signs one out,
 * `POST /api/v1/auth/sessions/end-others` all but the one that asks: 204, at once and for its open pages, too.
 */
export interface BrowserSessionView {
  readonly id: string
  readonly createdAt: number
  readonly lastUsedAt: number
  /** Whether it is the one that asks. */
  readonly current: boolean
  /** The `User-Agent` with which it signed in. */
  readonly device?: string
}

/** `POST /api/v1/auth/tokens`: `totp_needed` without a second factor; `GET` lists them, `DELETE /api/v1/auth/tokens/:id` revokes one. */
export const createApiTokenSchema = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(apiTokenScopes)).min(1),
})
export interface ApiTokenView {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAt: number
  readonly lastUsedAt?: number
}
/** Shown once: `token` is not kept in the clear. */
export interface NewApiTokenView extends ApiTokenView {
  readonly token: string
}

/** `POST /api/v1/auth/token` with `Authorization: Bearer <API token>`: what a CLI trades its API token for. */
export interface AccessTokenView {
  readonly accessToken: string
  readonly expiresAt: number
  readonly userId: string
  readonly scopes: readonly Scope[]
}

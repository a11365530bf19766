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
})
export const ACCESS_TOKEN_LIFE_MS = 5 * 60 * 1000

const emailSchema = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase())
const passwordSchema = z.string().min(8).max(1024)
const totpCodeSchema = z.string().regex(/^\d{6}$/, 'must be six digits')

/** `POST /api/v1/auth/register`: 202 whether or not the address was known before; sign in to go on. */
export const registerSchema = z.strictObject({ email: emailSchema, password: passwordSchema })

/**
 * `POST /api/v1/auth/login`: `SessionView`, and the refresh cookie. `totp_required` when the password was right and the
 * account has a second factor; `sign_in_failed` for everything else.
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

/** `POST /api/v1/auth/tokens`; `GET` lists them, `DELETE /api/v1/auth/tokens/:id` revokes one. */
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

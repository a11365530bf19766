import type { PasswordReset, Session, SigningKey, StoredApiToken, ThrottleState, User } from '@quarry/storage-port'

/** Rows as the queries of `SqliteUserStore` shape them. */
export interface UserRow {
  id: string
  email: string
  password_hash: string
  created_at: number
  language: string | null
  totp_secret: string | null
  totp_last_step: number | null
  totp_proposed: string | null
}

export interface ThrottleRow {
  failures: number
  blocked_until: number
  version: number
}

export interface SessionRow {
  user_id: string
  id: string
  token_hash: string
  created_at: number
  refreshed_at: number
  expires_at: number
  device: string | null
}

export interface PasswordResetRow {
  token_hash: string
  user_id: string
  mark: string
  expires_at: number
}

export interface ApiTokenRow {
  user_id: string
  id: string
  name: string
  scopes: string
  created_at: number
  last_used_at: number | null
}

export interface SigningKeyRow {
  kid: string
  sealed_private_key: string
  public_jwk: string
  created_at: number
  signs_from: number
  retired_at: number | null
}

export function userOf(row: UserRow): User {
  return {
    userId: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    createdAt: row.created_at,
    ...(row.language !== null && { language: row.language }),
    ...(row.totp_secret !== null && { totp: { sealedSecret: row.totp_secret, lastStep: row.totp_last_step ?? 0 } }),
    ...(row.totp_proposed !== null && { proposedTotp: row.totp_proposed }),
  }
}

export function throttleOf(row: ThrottleRow): ThrottleState {
  return { failures: row.failures, blockedUntil: row.blocked_until, version: row.version }
}

export function sessionOf(row: SessionRow): Session {
  return {
    userId: row.user_id,
    sessionId: row.id,
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    refreshedAt: row.refreshed_at,
    expiresAt: row.expires_at,
    ...(row.device !== null && { device: row.device }),
  }
}

export function passwordResetOf(row: PasswordResetRow): PasswordReset {
  return { tokenHash: row.token_hash, userId: row.user_id, passwordMark: row.mark, expiresAt: row.expires_at }
}

export function apiTokenOf(row: ApiTokenRow): StoredApiToken {
  return {
    userId: row.user_id,
    tokenId: row.id,
    name: row.name,
    scopes: row.scopes.split(' '),
    createdAt: row.created_at,
    ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  }
}

export function signingKeyOf(row: SigningKeyRow): SigningKey {
  return {
    kid: row.kid,
    sealedPrivateKey: row.sealed_private_key,
    publicJwk: row.public_jwk,
    createdAt: row.created_at,
    signsFrom: row.signs_from,
    ...(row.retired_at !== null && { retiredAt: row.retired_at }),
  }
}

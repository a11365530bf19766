import type { TotpConfirmation } from '@quarry/storage-port'
import type { Statement } from './statement.ts'

/** A transaction of the caller. */
interface Database {
  prepare<R>(sql: string): Statement<R>
}

export function confirmTotp(
  db: Database,
  userId: string,
  { sealedSecret, step, recoveryCodeHashes }: TotpConfirmation,
): boolean {
  const { changes } = db
    .prepare(
      `UPDATE sign_in_user SET totp_secret = totp_proposed, totp_last_step = ?, totp_proposed = NULL
       WHERE id = ? AND totp_proposed = ?`,
    )
    .run(step, userId, sealedSecret)
  if (changes > 0) writeRecoveryCodes(db, userId, recoveryCodeHashes)
  return changes > 0
}

export function replaceRecoveryCodes(
  db: Database,
  userId: string,
  { sealedSecret, codeHashes }: { readonly sealedSecret: string; readonly codeHashes: readonly string[] },
): boolean {
  const inForce = db.prepare('SELECT 1 FROM sign_in_user WHERE id = ? AND totp_secret = ?')
  if (!inForce.get(userId, sealedSecret)) return false
  writeRecoveryCodes(db, userId, codeHashes)
  return true
}

export function removeTotp(db: Database, userId: string, sealedSecret: string): boolean {
  const { changes } = db
    .prepare(
      `UPDATE sign_in_user SET totp_secret = NULL, totp_last_step = NULL, totp_proposed = NULL
       WHERE id = ? AND totp_secret = ?`,
    )
    .run(userId, sealedSecret)
  if (changes > 0) writeRecoveryCodes(db, userId, [])
  return changes > 0
}

export function recoveryCodesLeft(db: Database, userId: string): number {
  return db.prepare<{ n: number }>('SELECT count(*) AS n FROM recovery_code WHERE user_id = ?').one(userId).n
}

function writeRecoveryCodes(db: Database, userId: string, hashes: readonly string[]): void {
  db.prepare('DELETE FROM recovery_code WHERE user_id = ?').run(userId)
  const add = db.prepare('INSERT INTO recovery_code (user_id, hash) VALUES (?, ?)')
  for (const hash of hashes) add.run(userId, hash)
}

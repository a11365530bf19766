import type { Instant } from '@quarry/domain'
import type { SigningKey, SigningKeyStore } from '@quarry/storage-port'
import type { SQLInputValue } from 'node:sqlite'
import type { SqliteEngine } from './sqlite-engine.ts'
import * as rows from './user-rows.ts'

/** The chain of signing keys, in the order in which they were added. */
export class SqliteSigningKeys implements SigningKeyStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  signingKeys(): Promise<readonly SigningKey[]> {
    return this.#engine.read((db) =>
      db.prepare<rows.SigningKeyRow>('SELECT * FROM signing_key ORDER BY no').all().map(rows.signingKeyOf),
    )
  }

  addSigningKey(key: SigningKey, newest: string | undefined): Promise<boolean> {
    return this.#write(
      `INSERT INTO signing_key (kid, sealed_private_key, public_jwk, created_at, signs_from, retired_at)
       SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT kid FROM signing_key ORDER BY no DESC LIMIT 1) IS ?`,
      key.kid,
      key.sealedPrivateKey,
      key.publicJwk,
      key.createdAt,
      key.signsFrom,
      key.retiredAt ?? null,
      newest ?? null,
    )
  }

  async retireSigningKey(kid: string, at: Instant): Promise<void> {
    await this.#write('UPDATE signing_key SET retired_at = ? WHERE kid = ? AND retired_at IS NULL', at, kid)
  }

  #write(sql: string, ...values: SQLInputValue[]): Promise<boolean> {
    return this.#engine.write((db) => db.prepare(sql).run(...values).changes > 0)
  }
}

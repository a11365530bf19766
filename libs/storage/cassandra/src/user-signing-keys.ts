import type { Instant } from '@quarry/domain'
import type { SigningKey, SigningKeyStore } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface KeyRow {
  readonly no: number
  readonly kid: string
  readonly sealed_private_key: string
  readonly public_jwk: string
  readonly created_at: types.Long
  readonly signs_from: types.Long
  readonly retired_at: types.Long | null
}

/** Bound and not written out: the driver finds a partition's coordinator by its values. */
const PART = 0

/** The chain of signing keys: one partition, whose statics say which key is the newest. */
export class UserSigningKeys implements SigningKeyStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async signingKeys(): Promise<readonly SigningKey[]> {
    return (await this.#rows()).map(signingKeyOf)
  }

  async addSigningKey(key: SigningKey, newest: string | undefined): Promise<boolean> {
    const last = (await this.#rows()).at(-1)
    if (last?.kid !== newest) return false
    const no = (last?.no ?? 0) + 1
    const { applied } = await this.#engine.decide(
      {
        query:
          'UPDATE signing_key SET newest_no = ?, newest_kid = ? WHERE part = ? IF newest_no = ? AND newest_kid = ?',
        params: [no, key.kid, PART, last?.no ?? null, last?.kid ?? null],
      },
      {
        query: `INSERT INTO signing_key (part, no, kid, sealed_private_key, public_jwk, created_at, signs_from, retired_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          PART,
          no,
          key.kid,
          key.sealedPrivateKey,
          key.publicJwk,
          key.createdAt,
          key.signsFrom,
          key.retiredAt ?? null,
        ],
      },
    )
    return applied
  }

  async retireSigningKey(kid: string, at: Instant): Promise<void> {
    const row = (await this.#rows()).find((each) => each.kid === kid)
    if (row === undefined || row.retired_at !== null) return
    await this.#engine.decide({
      query: 'UPDATE signing_key SET retired_at = ? WHERE part = ? AND no = ? IF retired_at = null',
      params: [at, PART, row.no],
    })
  }

  #rows(): Promise<readonly KeyRow[]> {
    return this.#engine.readSerial<KeyRow>(
      `SELECT no, kid, sealed_private_key, public_jwk, created_at, signs_from, retired_at
       FROM signing_key WHERE part = ?`,
      PART,
    )
  }
}

function signingKeyOf(row: KeyRow): SigningKey {
  return {
    kid: row.kid,
    sealedPrivateKey: row.sealed_private_key,
    publicJwk: row.public_jwk,
    createdAt: row.created_at.toNumber(),
    signsFrom: row.signs_from.toNumber(),
    ...(row.retired_at !== null && { retiredAt: row.retired_at.toNumber() }),
  }
}

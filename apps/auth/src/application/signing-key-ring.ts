import { ACCESS_TOKEN_LIFE_MS } from '@quarry/contracts'
import { err, ok, type Clock, type Instant, type Result } from '@quarry/domain'
import type { SigningKey, SigningKeyStore } from '@quarry/storage-port'
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose'
import { randomId } from './random-text.ts'
import type { Sealing } from './sealing.ts'

/** How long this process may go on with the keys as it read them; another may have rotated meanwhile. */
const READ_AGAIN_MS = 10_000
/** A key stays published so long after its last token could have expired. */
const RETIRE_MARGIN_MS = 10 * 60_000

export interface Signer {
  readonly kid: string
  readonly privateKey: CryptoKey
}

/** A key was added a short time ago and does not sign yet, or another process added one at this moment. */
export interface RotationUnderWay {
  readonly kind: 'rotation-under-way'
}

/**
 * The keys that sign access tokens. The newest one whose time has come signs; each is published before that, so that
 * by the time a service meets its tokens it can have it, and until the last token it signed is long expired.
 */
export class SigningKeyRing {
  readonly #store: SigningKeyStore
  readonly #sealing: Sealing
  readonly #clock: Clock
  readonly #publishAheadMs: number
  readonly #imported = new Map<string, CryptoKey>()
  #read: { readonly keys: readonly SigningKey[]; readonly at: Instant } | undefined

  constructor(parts: { store: SigningKeyStore; sealing: Sealing; clock: Clock; publishAheadMs: number }) {
    this.#store = parts.store
    this.#sealing = parts.sealing
    this.#clock = parts.clock
    this.#publishAheadMs = parts.publishAheadMs
  }

  /** Makes the first key if there is none. Throws `CannotUnseal` when the sealing key is not the one it was. */
  async open(): Promise<void> {
    if ((await this.#store.signingKeys()).length === 0) {
      await this.#store.addSigningKey(await this.#newKey(this.#clock.now()), undefined)
    }
    this.#read = undefined
    await this.signer()
  }

  /** The key that signs now. */
  async signer(): Promise<Signer> {
    const now = this.#clock.now()
    const keys = await this.#keys()
    const key = keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0]
    if (!key) throw new Error('There is no signing key: was the key ring opened?')
    return { kid: key.kid, privateKey: await this.#privateKeyOf(key) }
  }

  /** The public halves that verifiers may need. */
  async published(): Promise<readonly JWK[]> {
    const now = this.#clock.now()
    const keys = await this.#keys()
    return keys
      .filter(({ retiredAt }) => retiredAt === undefined || now < retiredAt)
      .map(({ publicJwk }) => JSON.parse(publicJwk) as JWK)
  }

  /** Adds a key that signs once it has been published for long enough, and sets when the older ones leave. */
  async rotate(): Promise<Result<SigningKey, RotationUnderWay>> {
    const now = this.#clock.now()
    const before = await this.#store.signingKeys()
    const newest = before.at(-1)
    if (newest && newest.signsFrom > now) return err({ kind: 'rotation-under-way' })
    const key = await this.#newKey(newest ? now + this.#publishAheadMs : now)
    if (!(await this.#store.addSigningKey(key, newest?.kid))) return err({ kind: 'rotation-under-way' })
    const leavesAt = key.signsFrom + ACCESS_TOKEN_LIFE_MS + RETIRE_MARGIN_MS
    for (const { kid } of before) await this.#store.retireSigningKey(kid, leavesAt)
    this.#read = undefined
    return ok(key)
  }

  /** The keys as read a few seconds ago; when the store does not answer, as read last. */
  async #keys(): Promise<readonly SigningKey[]> {
    const now = this.#clock.now()
    const read = this.#read
    if (read && Math.abs(now - read.at) < READ_AGAIN_MS) return read.keys
    try {
      const keys = await this.#store.signingKeys()
      this.#read = { keys, at: now }
      return keys
    } catch (error) {
      if (!read) throw error
      return read.keys
    }
  }

  async #privateKeyOf({ kid, sealedPrivateKey }: SigningKey): Promise<CryptoKey> {
    const known = this.#imported.get(kid)
    if (known) return known
    const jwk = JSON.parse(this.#sealing.unseal(sealedPrivateKey, placeOf(kid))) as JWK
    const key = (await importJWK(jwk, 'EdDSA')) as CryptoKey
    this.#imported.set(kid, key)
    return key
  }

  async #newKey(signsFrom: Instant): Promise<SigningKey> {
    const kid = randomId()
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
    return {
      kid,
      sealedPrivateKey: this.#sealing.seal(JSON.stringify(await exportJWK(privateKey)), placeOf(kid)),
      publicJwk: JSON.stringify({ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }),
      createdAt: this.#clock.now(),
      signsFrom,
    }
  }
}

function placeOf(kid: string): string {
  return `signing key ${kid}`
}

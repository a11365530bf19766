import { decodeJwt, decodeProtectedHeader, jwtVerify, createLocalJWKSet } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alice, openStage, type Stage } from '../../test/auth-stage.ts'
import { newApiToken } from './api-token-text.ts'
import { CannotUnseal, Sealing } from './sealing.ts'
import { SigningKeyRing } from './signing-key-ring.ts'

let stage: Stage
let userId: string
beforeEach(async () => {
  stage = openStage({ servers: 2 })
  userId = await stage.register()
  await stage.enrol(userId)
})
afterEach(() => stage.close())

async function makeApiToken(): Promise<{ id: string; token: string }> {
  const made = await stage.auth.createApiToken.run({ userId, name: 'laptop', scopes: ['mine', 'mine', 'orders:read'] })
  if (!made.ok) throw new Error(made.error.kind)
  return made.value
}

async function accessToken(token: string, server = 0): Promise<string> {
  const answer = await stage.servers[server]!.exchangeApiToken.run(token)
  if (!answer.ok) throw new Error(answer.error.kind)
  return answer.value.accessToken
}

async function verifies(token: string, server = 0): Promise<boolean> {
  const keys = createLocalJWKSet({ keys: [...(await stage.servers[server]!.keys.published())] })
  const options = { currentDate: new Date(stage.clock.now()), issuer: 'quarry', audience: 'quarry', typ: 'at+jwt' }
  return jwtVerify(token, keys, options).then(
    () => true,
    () => false,
  )
}

describe('an API token', () => {
  it('is refused to an account without a second factor', async () => {
    const email = 'bob@example.com'
    const bob = await stage.register({ ...alice, email })
    const made = await stage.auth.createApiToken.run({ userId: bob, name: 'laptop', scopes: ['mine'] })
    expect(made).toEqual({ ok: false, error: { kind: 'totp-needed' } })
    expect(await stage.auth.listApiTokens.run(bob)).toEqual([])
  })

  it('is traded for an access token with its scopes, for five minutes', async () => {
    const { token } = await makeApiToken()
    expect(token).toMatch(/^qry_[0-9A-Za-z]{36}$/)
    const answer = await stage.auth.exchangeApiToken.run(token)
    expect(answer).toMatchObject({ ok: true, value: { userId, scopes: ['orders:read', 'mine'] } })
    const claims = decodeJwt(await accessToken(token))
    expect(claims).toMatchObject({ iss: 'quarry', aud: 'quarry', sub: userId, scope: 'orders:read mine' })
    expect(claims.exp! - claims.iat!).toBe(300)
    expect(claims.nbf).toBeLessThanOrEqual(claims.iat!)
    expect(decodeProtectedHeader(await accessToken(token))).toEqual({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: (await stage.auth.keys.signer()).kid,
    })
  })

  it('is refused once revoked, by every server at once', async () => {
    const { id, token } = await makeApiToken()
    expect(await stage.auth.revokeApiToken.run('somebody-else', id)).toMatchObject({ ok: false })
    expect(await stage.auth.revokeApiToken.run(userId, id)).toEqual({ ok: true, value: undefined })
    for (const server of stage.servers) {
      expect(await server.exchangeApiToken.run(token)).toEqual({ ok: false, error: { kind: 'token-invalid' } })
    }
    expect(await stage.auth.listApiTokens.run(userId)).toEqual([])
  })

  it('is refused when a character is wrong', async () => {
    const { token } = await makeApiToken()
    const mistyped = token.slice(0, 20) + (token[20] === 'a' ? 'b' : 'a') + token.slice(21)
    for (const text of [mistyped, token.slice(0, -1), `${token}a`, '', 'qry_']) {
      expect(await stage.auth.exchangeApiToken.run(text)).toEqual({ ok: false, error: { kind: 'token-invalid' } })
    }
  })

  it('never carries the account scope, whatever the store holds', async () => {
    const { token } = await makeApiToken()
    const [stored] = await stage.store.apiTokensOf(userId)
    expect(JSON.stringify(stored)).not.toContain(token)
    const { token: text, hash } = newApiToken()
    await stage.store.createApiToken({ ...stored!, tokenId: 'other', scopes: ['account', 'mine'] }, hash)
    expect(decodeJwt(await accessToken(text)).scope).toBe('mine')
  })

  it('is listed with its last use', async () => {
    const { token } = await makeApiToken()
    expect((await stage.auth.listApiTokens.run(userId))[0]).not.toHaveProperty('lastUsedAt')
    await accessToken(token)
    expect((await stage.auth.listApiTokens.run(userId))[0]).toMatchObject({ lastUsedAt: stage.clock.now() })
  })
})

describe('signing keys', () => {
  it('are made once, however many servers start', async () => {
    const fresh = openStage({ servers: 5 })
    await Promise.all(fresh.servers.map((server) => server.keys.open()))
    const kids = await Promise.all(fresh.servers.map(async (server) => (await server.keys.signer()).kid))
    expect(new Set(kids).size).toBe(1)
    expect(await fresh.auth.keys.published()).toHaveLength(1)
    await fresh.close()
  })

  it('are published without their private half, which the store holds sealed', async () => {
    const [published] = await stage.auth.keys.published()
    expect(Object.keys(published!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    expect((await stage.store.signingKeys())[0]!.sealedPrivateKey).not.toContain('"d"')
  })

  it('rotate without one token refused, on every server', async () => {
    const { token } = await makeApiToken()
    const first = (await stage.auth.keys.signer()).kid
    const rotated = await stage.auth.keys.rotate()
    expect(rotated.ok).toBe(true)
    expect(await stage.servers[1]!.keys.rotate()).toEqual({ ok: false, error: { kind: 'rotation-under-way' } })
    const live: { token: string; until: number }[] = []
    const signers = new Set<string>()
    for (let elapsedMs = 0; elapsedMs < 30 * 60_000; elapsedMs += 5000) {
      const server = (elapsedMs / 5000) % 2
      const fresh = await accessToken(token, server)
      signers.add(decodeProtectedHeader(fresh).kid!)
      live.push({ token: fresh, until: decodeJwt(fresh).exp! * 1000 })
      for (const { token: held, until } of live)
        if (stage.clock.now() < until) expect(await verifies(held, 1 - server)).toBe(true)
      while (live[0] && live[0].until <= stage.clock.now()) live.shift()
      await stage.clock.advance(5000)
    }
    expect(signers.size).toBe(2)
    expect((await stage.auth.keys.published()).map((key) => key.kid)).not.toContain(first)
  })

  it('are published before they sign, for as long as it is configured', async () => {
    const first = (await stage.auth.keys.signer()).kid
    const rotated = await stage.auth.keys.rotate()
    if (!rotated.ok) throw new Error(rotated.error.kind)
    expect((await stage.auth.keys.published()).map((key) => key.kid)).toContain(rotated.value.kid)
    await stage.clock.advance(stage.config.keyPublishAheadMs - 1)
    expect((await stage.auth.keys.signer()).kid).toBe(first)
    await stage.clock.advance(1)
    expect((await stage.auth.keys.signer()).kid).toBe(rotated.value.kid)
  })

  it('stop the start when the sealing key is not the one it was', async () => {
    const sealing = new Sealing('another sealing key of thirty-two bytes')
    const ring = new SigningKeyRing({ store: stage.store, sealing, clock: stage.clock, publishAheadMs: 0 })
    await expect(ring.open()).rejects.toThrow(CannotUnseal)
  })
})

it('a sealed value opens only in its place and unchanged', () => {
  const sealing = new Sealing('k'.repeat(32))
  const sealed = sealing.seal('secret', 'here')
  expect(sealing.unseal(sealed, 'here')).toBe('secret')
  expect(sealing.seal('secret', 'here')).not.toBe(sealed)
  expect(() => sealing.unseal(sealed, 'there')).toThrow(CannotUnseal)
  const bytes = Buffer.from(sealed, 'base64url')
  bytes[bytes.length - 1]! ^= 1
  expect(() => sealing.unseal(bytes.toString('base64url'), 'here')).toThrow(CannotUnseal)
  expect(() => sealing.unseal('', 'here')).toThrow(CannotUnseal)
})

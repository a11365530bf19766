import type { Session, SigningKey, StoredApiToken } from '@quarry/storage-port'
import { describe, expect, it } from 'vitest'
import { race, wins, type UserStoreStage } from './user-store-stage.ts'

const session: Session = {
  userId: 'alice',
  sessionId: 's1',
  tokenHash: 'token-1',
  createdAt: 10,
  refreshedAt: 10,
  expiresAt: 9000,
}
const token: StoredApiToken = {
  userId: 'alice',
  tokenId: 't1',
  name: 'laptop',
  scopes: ['mine', 'orders:read'],
  createdAt: 5,
}

function keyOf(kid: string, signsFrom = 1): SigningKey {
  return { kid, sealedPrivateKey: `sealed ${kid}`, publicJwk: `{"kid":"${kid}"}`, createdAt: 1, signsFrom }
}

export function credentialTests({ clients }: UserStoreStage): void {
  const store = () => clients()[0]!
  const other = () => clients()[1]!

  describe('a throttle', () => {
    it('is unknown until written, and moves on only from the version that was read', async () => {
      expect(await store().throttle('k')).toBeUndefined()
      expect(await store().swapThrottle('k', 3, { failures: 9, blockedUntil: 9, at: 1 })).toBe(false)
      expect(await store().swapThrottle('k', 0, { failures: 1, blockedUntil: 1500, at: 1 })).toBe(true)
      expect(await other().throttle('k')).toEqual({ failures: 1, blockedUntil: 1500, version: 1 })
      expect(await other().swapThrottle('k', 0, { failures: 7, blockedUntil: 7, at: 1 })).toBe(false)
      expect(await other().swapThrottle('k', 1, { failures: 0, blockedUntil: 0, at: 2 })).toBe(true)
      expect(await store().throttle('k')).toEqual({ failures: 0, blockedUntil: 0, version: 2 })
    })

    it('counts a race once, at the first write and later', async () => {
      for (const expected of [0, 1, 2]) {
        const swaps = race(clients(), (client) =>
          client.swapThrottle('k', expected, { failures: 1, blockedUntil: 1, at: 1 }),
        )
        expect(wins(await swaps)).toBe(1)
      }
      expect((await store().throttle('k'))?.version).toBe(3)
    })

    it('is forgotten when old, never when young', async () => {
      for (const [key, at] of [
        ['a', 10],
        ['b', 20],
        ['c', 30],
      ] as const) {
        await store().swapThrottle(key, 0, { failures: 1, blockedUntil: 1, at: at })
      }
      expect(await store().forgetThrottles(30, 10)).toBeLessThanOrEqual(2)
      expect(await store().throttle('c')).toBeDefined()
    })
  })

  describe('a session', () => {
    it('is found by its user and id until it ends', async () => {
      await store().createSession(session)
      expect(await other().session('alice', 's1')).toEqual(session)
      expect(await other().session('bob', 's1')).toBeUndefined()
      await other().endSession('alice', 's1')
      await other().endSession('alice', 's1')
      expect(await store().session('alice', 's1')).toBeUndefined()
      expect(await store().rotateSession('alice', 's1', { expected: 'token-1', next: 'token-2', at: 20 })).toBe(false)
      expect(await store().session('alice', 's1')).toBeUndefined()
    })

    it('gives a new token for the newest only, once', async () => {
      await store().createSession(session)
      const rotate = (expected: string) =>
        race(clients(), (client, n) => client.rotateSession('alice', 's1', { expected, next: `next-${n}`, at: 20 }))
      expect(wins(await rotate('token-0'))).toBe(0)
      expect(wins(await rotate('token-1'))).toBe(1)
      expect(wins(await rotate('token-1'))).toBe(0)
      const stored = await other().session('alice', 's1')
      expect(stored).toEqual({ ...session, tokenHash: expect.stringMatching(/^next-/) as string, refreshedAt: 20 })
    })

    it('ends with all the others of its user, but the one excepted', async () => {
      for (const sessionId of ['s1', 's2', 's3']) await store().createSession({ ...session, sessionId })
      await store().createSession({ ...session, userId: 'bob' })
      await other().endSessionsOf('alice', 's2')
      expect(await Promise.all(['s1', 's2', 's3'].map((id) => store().session('alice', id)))).toEqual([
        undefined,
        { ...session, sessionId: 's2' },
        undefined,
      ])
      await other().endSessionsOf('alice')
      expect(await store().session('alice', 's2')).toBeUndefined()
      expect(await store().session('bob', 's1')).toBeDefined()
    })

    it('is listed with its device until it ends, newest first', async () => {
      await store().createSession({ ...session, device: 'Firefox' })
      await store().createSession({ ...session, sessionId: 's2', createdAt: 11 })
      await store().createSession({ ...session, sessionId: 's3', userId: 'bob' })
      await other().rotateSession('alice', 's1', { expected: 'token-1', next: 'token-2', at: 20 })
      expect(await other().sessionsOf('alice')).toEqual([
        { ...session, sessionId: 's2', createdAt: 11 },
        { ...session, tokenHash: 'token-2', refreshedAt: 20, device: 'Firefox' },
      ])
      await other().endSession('alice', 's2')
      expect((await store().sessionsOf('alice')).map(({ sessionId }) => sessionId)).toEqual(['s1'])
      await other().endSessionsOf('alice')
      expect(await store().sessionsOf('alice')).toEqual([])
      expect(await store().sessionsOf('nobody')).toEqual([])
    })

    it('is forgotten after it expired, never before', async () => {
      await store().createSession(session)
      await store().createSession({ ...session, sessionId: 's2', expiresAt: 100 })
      expect(await store().forgetSessions(9000, 10)).toBeLessThanOrEqual(1)
      expect(await store().session('alice', 's1')).toBeDefined()
    })
  })

  describe('an API token', () => {
    it('is found by its hash and listed, newest first, until it is revoked', async () => {
      await store().createApiToken(token, 'hash-1')
      await store().createApiToken({ ...token, tokenId: 't2', createdAt: 6 }, 'hash-2')
      expect(await other().apiTokenByHash('hash-1')).toEqual(token)
      expect(await other().apiTokenByHash('t1')).toBeUndefined()
      expect((await other().apiTokensOf('alice')).map((t) => t.tokenId)).toEqual(['t2', 't1'])
      expect(await other().apiTokensOf('bob')).toEqual([])
      expect(await other().revokeApiToken('bob', 't1')).toBe(false)
      expect(wins(await race(clients(), (client) => client.revokeApiToken('alice', 't1')))).toBeGreaterThanOrEqual(1)
      expect(await store().apiTokenByHash('hash-1')).toBeUndefined()
      expect((await store().apiTokensOf('alice')).map((t) => t.tokenId)).toEqual(['t2'])
    })

    it('remembers its last use, which never moves back nor revives it', async () => {
      await store().createApiToken(token, 'hash-1')
      await store().noteApiTokenUse('alice', 't1', 70)
      await other().noteApiTokenUse('alice', 't1', 60)
      expect(await store().apiTokenByHash('hash-1')).toEqual({ ...token, lastUsedAt: 70 })
      await store().revokeApiToken('alice', 't1')
      await other().noteApiTokenUse('alice', 't1', 80)
      expect(await store().apiTokenByHash('hash-1')).toBeUndefined()
      expect(await store().apiTokensOf('alice')).toEqual([])
    })
  })

  describe('a link to a new password', () => {
    const reset = { tokenHash: 'reset-1', userId: 'alice', passwordMark: 'mark-1', expiresAt: 9000 }

    it('is found by its hash, by every client', async () => {
      await store().createPasswordReset(reset)
      expect(await other().passwordReset('reset-1')).toEqual(reset)
      expect(await other().passwordReset('reset-2')).toBeUndefined()
    })

    it('is forgotten after it expired, never before', async () => {
      await store().createPasswordReset(reset)
      await store().createPasswordReset({ ...reset, tokenHash: 'reset-2', expiresAt: 100 })
      expect(await store().forgetPasswordResets(9000, 10)).toBeLessThanOrEqual(1)
      expect(await store().passwordReset('reset-1')).toEqual(reset)
    })
  })

  describe('signing keys', () => {
    it('form a chain: of those who add after the same key one does', async () => {
      expect(await store().signingKeys()).toEqual([])
      expect(await store().addSigningKey(keyOf('x'), 'missing')).toBe(false)
      const first = await race(clients(), (client, n) => client.addSigningKey(keyOf(`first-${n}`), undefined))
      expect(wins(first)).toBe(1)
      const kid = (await other().signingKeys())[0]!.kid
      expect(wins(await race(clients(), (client, n) => client.addSigningKey(keyOf(`second-${n}`), kid)))).toBe(1)
      const kids = (await other().signingKeys()).map((key) => key.kid)
      expect(kids).toEqual([kid, expect.stringMatching(/^second-/)])
    })

    it('retire at the time that was set first', async () => {
      await store().addSigningKey(keyOf('a'), undefined)
      await store().retireSigningKey('a', 500)
      await other().retireSigningKey('a', 900)
      await other().retireSigningKey('unknown', 900)
      expect(await store().signingKeys()).toEqual([{ ...keyOf('a'), retiredAt: 500 }])
    })
  })
}

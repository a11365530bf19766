import { UnknownOutcome, type OperatorStore, type UserStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { numbers, T0 } from './sample-data.ts'
import { surviveEveryCrash, type OpenBench, type StoreBench, type StoreCapabilities } from './store-bench.ts'

/** One client's connection: operators decide about users, who are kept elsewhere. */
export interface OperatorStores {
  readonly operator: OperatorStore
  readonly users: UserStore
}

/** What every `OperatorStore` promises, checked through several clients of the same data. */
export function operatorStoreSuite(
  name: string,
  open: OpenBench<OperatorStores>,
  capabilities: StoreCapabilities,
): void {
  describe(`OperatorStore on ${name}`, () => {
    let bench: StoreBench<OperatorStores>
    let stores: OperatorStores
    let operator: OperatorStore
    let other: OperatorStore
    beforeEach(async () => {
      bench = await open()
      stores = await bench.connect()
      operator = stores.operator
      other = (await bench.connect()).operator
    })
    afterEach(() => bench.close())

    describe('standings', () => {
      it('begin as nobody in particular, and are seen by every client', async () => {
        expect(await operator.standing('ada')).toEqual({ admin: false, state: 'open' })
        await operator.setAdmin('ada', true)
        expect(await other.setAccountState('ada', 'disabled')).toBe(true)
        expect(await operator.standing('ada')).toEqual({ admin: true, state: 'disabled' })
        expect(await operator.setAccountState('ada', 'open')).toBe(true)
        await other.setAdmin('ada', false)
        expect(await operator.standing('ada')).toEqual({ admin: false, state: 'open' })
      })

      it('lose nothing when several change at once', async () => {
        await Promise.all([
          operator.setAdmin('ada', true),
          other.setAccountState('ada', 'disabled'),
          operator.setAccountState('bob', 'disabled'),
        ])
        expect(await operator.standing('ada')).toEqual({ admin: true, state: 'disabled' })
      })

      it('never leave `deleting`', async () => {
        await operator.setAccountState('ada', 'deleting')
        expect(await other.setAccountState('ada', 'open')).toBe(false)
        expect(await other.setAccountState('ada', 'deleting')).toBe(true)
        expect(await operator.standing('ada')).toEqual({ admin: false, state: 'deleting' })
      })
    })

    describe('the directory', () => {
      const register = (userId: string, email: string) =>
        stores.users.createUser({ userId, email, passwordHash: 'hash', createdAt: T0 })
      async function addresses(prefix: string, limit: number, after?: string): Promise<string[]> {
        const page = await other.accounts({ prefix, limit, ...(after !== undefined && { after }) })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        const found = page.items.map(({ email }) => email)
        return page.next === undefined ? found : [...found, ...(await addresses(prefix, limit, page.next))]
      }

      it('lists the users of a prefix by address, page by page', async () => {
        const emails = numbers(7).map((index) => `user-${index}@example.com`)
        for (const [index, email] of emails.entries()) await register(`u${index}`, email)
        await register('percent', 'u%@example.com')
        await register('zoe', 'zoe@example.com')
        expect(await addresses('user-', 3)).toEqual(emails)
        expect(await addresses('', 4)).toEqual(['u%@example.com', ...emails, 'zoe@example.com'])
        expect(await addresses('u%', 5)).toEqual(['u%@example.com'])
        expect(await addresses('nobody', 5)).toEqual([])
        expect((await other.accounts({ prefix: 'zoe', limit: 1 })).items).toEqual([
          { userId: 'zoe', email: 'zoe@example.com' },
        ])
      })

      it('does not list who lost the race for an address', async () => {
        await Promise.all(numbers(6).map((index) => register(`u${index}`, 'same@example.com')))
        expect(await addresses('', 10)).toEqual(['same@example.com'])
      })

      it('forgets a user with sessions, tokens, approved devices and links; the address may be taken anew', async () => {
        await register('ada', 'ada@example.com')
        await register('bob', 'bob@example.com')
        await furnish(stores.users, 'ada')
        await furnish(stores.users, 'bob')
        await operator.eraseUser('ada')
        await other.eraseUser('ada')
        await other.eraseUser('nobody')
        await expectGone(stores.users, 'ada')
        expect(await stores.users.userById('bob')).toBeDefined()
        expect(await stores.users.session('bob', 's-bob')).toBeDefined()
        expect(await stores.users.apiTokensOf('bob')).toHaveLength(1)
        expect(await stores.users.deviceGrants.grantByUserCode('user-code-bob')).toMatchObject({ userId: 'bob' })
        expect(await stores.users.linkedSignIns.linksOf('bob')).toHaveLength(2)
        expect(await addresses('', 10)).toEqual(['bob@example.com'])
        expect(await register('ada2', 'ada@example.com')).toMatchObject({ ok: true })
        await operator.eraseUser('ada')
        expect((await stores.users.userByEmail('ada@example.com'))?.userId).toBe('ada2')
        expect(await addresses('ada', 10)).toEqual(['ada@example.com'])
      })
    })

    describe('the audit log', () => {
      const entry = (index: number, change: object = {}) => ({
        entryId: `e${index}`,
        at: T0 + index,
        actorId: 'root',
        action: 'account.disable',
        subject: 'ada',
        reason: 'Ümläut “why”\n🐌',
        requestId: 'r1',
        details: { coins: 3, why: 'x' },
        ...change,
      })

      it('gives entries back as they were added, newest first, page by page, over months', async () => {
        const month = 40 * 24 * 3600 * 1000
        const entries = [
          entry(0),
          entry(1),
          entry(2, { at: T0 + 1 }),
          entry(3, { at: T0 + month }),
          entry(4, { at: T0 + 3 * month }),
        ]
        for (const each of entries) await operator.appendAudit(each)
        await other.appendAudit(entries[0]!)
        const seen = []
        for (let after: string | undefined; ;) {
          const page = await other.auditEntries({ limit: 2, ...(after !== undefined && { after }) })
          seen.push(...page.items)
          after = page.next
          if (after === undefined) break
        }
        expect(seen).toEqual(entries.toReversed())
      })

      it('never changes an entry', async () => {
        await operator.appendAudit(entry(0))
        await operator.appendAudit(entry(0, { reason: 'another' }))
        expect((await operator.auditEntries({ limit: 5 })).items).toEqual([entry(0)])
      })
    })

    it('keeps a deny-list', async () => {
      const rule = (pattern: string, reason: string) => ({ pattern, reason, by: 'root', at: T0 })
      await operator.putDenyRule(rule('b.example', 'first'))
      await operator.putDenyRule(rule('*.a.example', 'one'))
      await other.putDenyRule(rule('b.example', 'second'))
      expect(await other.denyRules()).toEqual([rule('*.a.example', 'one'), rule('b.example', 'second')])
      await other.removeDenyRule('b.example')
      await other.removeDenyRule('nothing')
      expect(await operator.denyRules()).toEqual([rule('*.a.example', 'one')])
    })

    describe('deletions', () => {
      it('begin once, and go on from where they stand', async () => {
        const begun = await operator.beginDeletion('ada', T0)
        expect(begun).toEqual({ userId: 'ada', requestedAt: T0, step: 'requested', forfeits: [], version: 1 })
        expect(await other.beginDeletion('ada', T0 + 9)).toEqual(begun)
        expect(await other.advanceDeletion('ada', 1, { step: 'closed', forfeits: [7] })).toBe(true)
        expect(await operator.advanceDeletion('ada', 1, { step: 'done', forfeits: [] })).toBe(false)
        const closed = { ...begun, step: 'closed', forfeits: [7], version: 2 }
        expect(await operator.deletion('ada')).toEqual(closed)
        expect(await operator.openDeletions(9)).toEqual([closed])
        expect(await operator.advanceDeletion('ada', 2, { step: 'done', forfeits: [7] })).toBe(true)
        expect(await other.openDeletions(9)).toEqual([])
        expect(await other.beginDeletion('ada', T0 + 99)).toMatchObject({ step: 'done', requestedAt: T0 })
        expect(await operator.deletion('bob')).toBeUndefined()
      })

      it('let one of many take a step', async () => {
        await operator.beginDeletion('ada', T0)
        const tries = await Promise.all(
          numbers(8).map((n) => [operator, other][n % 2]!.advanceDeletion('ada', 1, { step: 'closed', forfeits: [n] })),
        )
        expect(tries.filter(Boolean)).toHaveLength(1)
      })
    })

    describe.runIf(capabilities.crashes)('when clients die', () => {
      it('has forgotten the whole user when it is repeated after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          prepare: async ({ users }, tag) => {
            await users.createUser({ userId: tag, email: `${tag}@example.com`, passwordHash: 'hash', createdAt: T0 })
            await furnish(users, tag)
          },
          act: (client, tag) => client.operator.eraseUser(tag),
          check: async (client, tag) => {
            await expectGone(client.users, tag)
            expect((await client.operator.accounts({ prefix: `${tag}@`, limit: 5 })).items).toEqual([])
          },
        })
      })

      it('has a deletion once, found as open until it is done, after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          act: (client, tag) => client.operator.beginDeletion(tag, T0),
          check: async (client, tag) => {
            const deletion = { userId: tag, requestedAt: T0, step: 'requested', forfeits: [], version: 1 }
            expect(await client.operator.openDeletions(500)).toContainEqual(deletion)
          },
        })
        await surviveEveryCrash(bench, {
          prepare: (client, tag) => client.operator.beginDeletion(`d-${tag}`, T0),
          act: (client, tag) => client.operator.advanceDeletion(`d-${tag}`, 1, { step: 'done', forfeits: [] }),
          check: async (client, tag) => {
            const open = await client.operator.openDeletions(500)
            expect(open.filter(({ userId }) => userId === `d-${tag}`)).toEqual([])
          },
        })
      })

      it('has the entry and the standing whose answer was lost', async () => {
        bench.crashes!.loseAnswer(stores)
        await expect(operator.setAccountState('ada', 'disabled')).rejects.toThrow(UnknownOutcome)
        expect(await operator.standing('ada')).toMatchObject({ state: 'disabled' })
      })
    })
  })
}

async function furnish(users: UserStore, userId: string): Promise<void> {
  const times = { createdAt: T0, refreshedAt: T0, expiresAt: T0 + 1 }
  await users.createSession({ userId, sessionId: `s-${userId}`, tokenHash: `h-${userId}`, ...times })
  const token = { userId, tokenId: `t-${userId}`, name: 'laptop', scopes: ['mine'], createdAt: T0 }
  await users.createApiToken(token, `token-hash-${userId}`)
  const grant = {
    codeHash: `device-${userId}`,
    userCodeHash: `user-code-${userId}`,
    client: 'mining-client',
    deviceName: 'attic',
    scopes: ['mine'],
    askedFrom: '192.0.2.7',
    createdAt: T0,
    expiresAt: T0 + 900_000,
    pollIntervalMs: 5000,
  }
  await users.deviceGrants.createGrant(grant)
  await users.deviceGrants.decideGrant(grant.codeHash, { state: 'approved', userId, at: T0 })
  for (const linkId of [`link-1-${userId}`, `link-2-${userId}`]) {
    const link = {
      linkId,
      userId,
      provider: 'office',
      subject: linkId,
      email: `${userId}@office.example`,
      linkedAt: T0,
    }
    await users.linkedSignIns.link(link)
  }
}

async function expectGone(users: UserStore, userId: string): Promise<void> {
  expect(await users.userById(userId)).toBeUndefined()
  expect(await users.session(userId, `s-${userId}`)).toBeUndefined()
  expect(await users.apiTokensOf(userId)).toEqual([])
  expect(await users.apiTokenByHash(`token-hash-${userId}`)).toBeUndefined()
  expect(await users.deviceGrants.grantByCode(`device-${userId}`)).toBeUndefined()
  expect(await users.deviceGrants.grantByUserCode(`user-code-${userId}`)).toBeUndefined()
  expect(await users.linkedSignIns.linksOf(userId)).toEqual([])
  expect(await users.linkedSignIns.linkById(`link-1-${userId}`)).toBeUndefined()
}

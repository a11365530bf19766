import { IdentityProvider } from '@quarry/testkit'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { alice } from './auth-stage.ts'
import { cookiesOf, INTERNAL_SECRET, people, startAuth, type Answer } from './running-auth.ts'

/** To where a stage without HTTP has the browser sent back. */
export const STAGE_CALLBACK = 'http://127.0.0.1:1/api/v1/auth/elsewhere/office/callback'

export const where = (answer: Answer) => answer.headers.get('location')

/** Auth with a real provider beside it: `office`, and `strict`, whose second factor counts. */
export async function openElsewhere(more: (shared: object) => readonly object[] = () => []) {
  const identity = await IdentityProvider.start()
  const secretFile = join(await mkdtemp(join(tmpdir(), 'quarry-secret-')), 'secret')
  await writeFile(secretFile, `${identity.clientSecret}\n`)
  const shared = { clientId: identity.clientId, clientSecretFile: secretFile }
  const office = { ...shared, id: 'office', name: 'Office', issuer: identity.issuer }
  const strict = { ...shared, id: 'strict', name: 'Strict', issuer: identity.issuer, secondFactorAmr: ['mfa'] }
  const auth = await startAuth({ QUARRY_SIGN_IN_PROVIDERS: JSON.stringify([office, strict, ...more(shared)]) })
  const callback = (id: string) => `${auth.running.url}/api/v1/auth/elsewhere/${id}/callback`
  await identity.serve([callback('office'), callback('strict'), STAGE_CALLBACK])
  let count = 0

  const start = (provider = 'office', body: object = {}, headers: Record<string, string> = {}) =>
    auth.post(`/api/v1/auth/elsewhere/${provider}/start`, body, headers)
  const comeBack = (address: URL, cookie: string) =>
    auth.call('GET', address.pathname + address.search, { headers: { cookie }, redirect: 'manual' })
  const session = (cookie: string) => auth.post('/api/v1/auth/refresh', undefined, { cookie })

  return {
    auth,
    identity,
    callback,
    office,
    start,
    comeBack,
    session,
    ...people(() => auth),
    /** Somebody whom the provider knows; `email` is theirs unless told. */
    somebody(told: { email?: string; verified?: boolean; amr?: string[] } = {}, at = identity): string {
      const name = `somebody-${count++}`
      at.people.set(name, { email: `${name}@office.example`, verified: true, ...told })
      return name
    },
    /** The whole way in one browser. */
    async signIn(name: string, provider = 'office', body: object = {}) {
      const begun = await start(provider, body)
      const back = await comeBack(await throughPages(begun.body.url as string, name), cookiesOf(begun))
      return { back, cookie: cookiesOf(back), begun }
    },
    async bearerOf(cookie: string): Promise<Record<string, string>> {
      return { authorization: `Bearer ${(await session(cookie)).body.accessToken as string}` }
    },
    async linksOf(bearer: Record<string, string>) {
      return (await auth.call('GET', '/api/v1/auth/links', { headers: bearer })).body as unknown as { id: string }[]
    },
    /** Links `name` of the provider to the account of the bearer, in the browser that asked for it. */
    async link(name: string, bearer: Record<string, string>, shown: Shown = {}, provider = 'office') {
      const body = { password: alice.password, ...shown }
      const begun = await auth.post(`/api/v1/auth/elsewhere/${provider}/link`, body, bearer)
      if (begun.status !== 200) return begun
      return comeBack(await throughPages(begun.body.url as string, name), cookiesOf(begun))
    },
    internal: (path: string, body: object) =>
      auth.post(`/internal/accounts/${path}`, body, { authorization: `Bearer ${INTERNAL_SECRET}` }),
    async close() {
      await auth.stop()
      identity.close()
      await rm(dirname(secretFile), { recursive: true })
    },
  }
}

export type Elsewhere = Awaited<ReturnType<typeof openElsewhere>>

interface Shown {
  readonly password?: string
  readonly code?: string
  readonly next?: string
}

/**
 * Goes through the provider's own pages as `name`, or turns back at the first; gives the address to which the browser is
 * sent back.
 */
export async function throughPages(url: string, name: string | undefined): Promise<URL> {
  const jar = new Map<string, string>()
  let next = new URL(url)
  let form: URLSearchParams | undefined
  for (let hops = 0; hops < 20; hops++) {
    const response = await fetch(next, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: [...jar].map(([key, value]) => `${key}=${value}`).join('; ') },
      ...(form && { body: form }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      jar.set(key, value)
    }
    form = undefined
    const location = response.headers.get('location')
    if (location !== null) {
      next = new URL(location, next)
      if (next.pathname.endsWith('/callback')) return next
      continue
    }
    const page = await response.text()
    const cancel = /href="([^"]+\/abort)"/.exec(page)?.[1]
    if (name === undefined && cancel !== undefined) {
      next = new URL(cancel, next)
      continue
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    if (prompt === undefined) throw new Error(`no form at ${next.href}: ${response.status} ${page.slice(0, 300)}`)
    form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: name!, password: 'x' }) })
    const action = /action="([^"]+)"/.exec(page)?.[1]
    if (action !== undefined) next = new URL(action, next)
  }
  throw new Error('the provider never sent the browser back')
}

import { startServices, type RunningServices } from '@quarry/service-kit'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'otplib'
import { authService } from '../src/index.ts'
import { alice, testEnv } from './auth-stage.ts'

export const INTERNAL_SECRET = 'test-only-internal-secret-of-thirty-two'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown> & {
    readonly error?: { readonly code: string; readonly retryAfterMs?: number }
  }
}

/** The real module over HTTP on a free port, and a client that keeps cookies only when told to. */
export async function startAuth(env: Readonly<Record<string, string>> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'quarry-auth-'))
  const running: RunningServices = await startServices([authService], {
    env: {
      ...testEnv,
      QUARRY_PORT: '0',
      QUARRY_DATA: dataDir,
      QUARRY_LOG_LEVEL: 'silent',
      QUARRY_INTERNAL_SECRET: INTERNAL_SECRET,
      ...env,
    },
  })
  const call = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(new URL(path, running.url), { method, ...init })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text ? (JSON.parse(text) as Answer['body']) : {},
    }
  }
  return {
    running,
    dataDir,
    call,
    post: (path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
      call('POST', path, {
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async stop(): Promise<void> {
      await running.stop()
      await rm(dataDir, { recursive: true })
    },
  }
}

export type RunningAuth = Awaited<ReturnType<typeof startAuth>>

/** The cookies that an answer sets, as a browser would send them back. */
export function cookiesOf(answer: Answer): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0]!)
    .join('; ')
}

export const codeOf = (answer: Answer) => [answer.status, answer.body.error?.code]

/** Makes people who are registered, or have logged in as well, each under an address of their own. */
export function people(auth: () => RunningAuth) {
  let count = 0
  const registered = async () => {
    const person = { email: `person-${count++}@example.com`, password: alice.password }
    const answer = await auth().post('/api/v1/auth/register', person)
    if (answer.status !== 202) throw new Error(`cannot register: ${JSON.stringify(answer.body)}`)
    return person
  }
  const loggedIn = async () => {
    const person = await registered()
    const login = await auth().post('/api/v1/auth/login', person)
    if (login.status !== 200) throw new Error(`cannot log in: ${JSON.stringify(login.body)}`)
    const bearer: Record<string, string> = { authorization: `Bearer ${login.body.accessToken as string}` }
    return { email: person.email, bearer, cookie: cookiesOf(login), login }
  }
  /** With a second factor in force; its next code is one step ahead. */
  const enrolled = async () => {
    const person = await loggedIn()
    const proposed = await auth().post('/api/v1/auth/totp/enrol', { password: alice.password }, person.bearer)
    const { secret } = proposed.body as { secret: string }
    const code = await generate({ secret })
    const confirmed = await auth().post('/api/v1/auth/totp/confirm', { code }, person.bearer)
    if (confirmed.status !== 200) throw new Error(`cannot enrol: ${JSON.stringify(confirmed.body)}`)
    return { ...person, secret, recoveryCodes: confirmed.body.recoveryCodes as string[] }
  }
  return { registered, loggedIn, enrolled }
}

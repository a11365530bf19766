import type { SessionView } from '@quarry/contracts'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from './api-call.ts'
import { makeApiTokens } from './make-api-tokens.ts'

const EMAIL = 'owner@quarry.local'

/** The tokens of the built-in clients, kept in the data folder. */
export interface OwnerTokens {
  readonly mine: string
  readonly receive: string
}

/** The owner's account; `password` only at the start that made it. */
export interface OwnerAccount {
  readonly email: string
  readonly password?: string
  readonly tokens: OwnerTokens
}

/** Makes the owner's account over the public API at the first start; later only reads the tokens it left. */
export async function ownerAccount(url: string, dataDir: string): Promise<OwnerAccount> {
  const file = join(dataDir, 'owner.json')
  if (existsSync(file)) return { email: EMAIL, tokens: JSON.parse(readFileSync(file, 'utf8')) as OwnerTokens }
  const password = randomBytes(12).toString('base64url')
  const email =
    (await tryRegister(url, EMAIL, password)) ?? (await tryRegister(url, `owner-${Date.now()}@quarry.local`, password))
  if (!email) throw new Error('the owner account could not be made')
  const session = await call<SessionView>(url, '/api/v1/auth/login', { body: { email, password } })
  const tokens = await makeApiTokens(
    url,
    { session, password },
    {
      mine: { name: 'built-in miner', scopes: ['mine'] },
      receive: { name: 'built-in result-client', scopes: ['results:read'] },
    },
  )
  // Whole or not at all: a crash here leaves no file, and the next start makes another account.
  writeFileSync(`${file}.new`, JSON.stringify(tokens), { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  return { email, password, tokens }
}

/** Registration never tells whether an address was known before; signing in does. */
async function tryRegister(url: string, email: string, password: string): Promise<string | undefined> {
  await call(url, '/api/v1/auth/register', { body: { email, password } })
  try {
    await call<SessionView>(url, '/api/v1/auth/login', { body: { email, password } })
    return email
  } catch {
    return undefined
  }
}

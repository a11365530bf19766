import type { NewApiTokenView, RecoveryCodesView, Scope, SessionView, TotpEnrolmentView } from '@quarry/contracts'
import { generate } from 'otplib'
import { call } from './api-call.ts'

/**
 * API tokens for an account that a program has just made, and that a person will take over: its second factor is set up for
 * as long as that takes, and taken away again, so that the person sets up one of their own. A crash in between leaves an
 * account nobody can enter; the next start makes another.
 */
export async function makeApiTokens<Name extends string>(
  url: string,
  account: { readonly session: SessionView; readonly password: string },
  wanted: Readonly<Record<Name, { readonly name: string; readonly scopes: readonly Scope[] }>>,
): Promise<Record<Name, string>> {
  const { password } = account
  const token = account.session.accessToken
  const { secret } = await call<TotpEnrolmentView>(url, '/api/v1/auth/totp/enrol', { token, body: { password } })
  const confirmation = { token, body: { code: await generate({ secret }) } }
  const { recoveryCodes } = await call<RecoveryCodesView>(url, '/api/v1/auth/totp/confirm', confirmation)
  const made: Partial<Record<Name, string>> = {}
  for (const key of Object.keys(wanted) as Name[])
    made[key] = (await call<NewApiTokenView>(url, '/api/v1/auth/tokens', { token, body: wanted[key] })).token
  await call(url, '/api/v1/auth/totp/remove', { token, body: { password, code: recoveryCodes[0] } })
  return made as Record<Name, string>
}

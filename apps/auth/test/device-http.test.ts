import { apiTokenScopes, DEVICE_GRANT_TYPE } from '@quarry/contracts'
import * as oauth from 'openid-client'
import { generate } from 'otplib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alice } from './auth-stage.ts'
import { codeOf, people, startAuth, type RunningAuth } from './running-auth.ts'

let auth: RunningAuth
beforeAll(async () => {
  auth = await startAuth({ QUARRY_AUTH_DEVICE_POLL_MS: '1000' })
})
afterAll(() => auth.stop())

const { loggedIn } = people(() => auth)
const authorize = (body: unknown) => auth.post('/api/v1/auth/device_authorization', body)
const form = (path: string, fields: Record<string, string>) =>
  auth.call('POST', path, { body: new URLSearchParams(fields) })

/** Somebody who is signed in and has a second factor. */
async function guarded() {
  const person = await loggedIn()
  const enrolled = await auth.post('/api/v1/auth/totp/enrol', { password: alice.password }, person.bearer)
  const code = await generate({ secret: enrolled.body.secret as string })
  const confirmed = await auth.post('/api/v1/auth/totp/confirm', { code }, person.bearer)
  expect(confirmed.status).toBe(200)
  return person
}

/** What a program with an OAuth library knows of us. */
function asLibrary(clientId: string): oauth.Configuration {
  const server = {
    issuer: auth.running.url,
    device_authorization_endpoint: `${auth.running.url}/api/v1/auth/device_authorization`,
    token_endpoint: `${auth.running.url}/api/v1/auth/device_token`,
  }
  const config = new oauth.Configuration(server, clientId, undefined, oauth.None())
  oauth.allowInsecureRequests(config)
  return config
}

describe('the device flow', () => {
  it('is RFC 8628 to a library that knows nothing of us', async () => {
    const { bearer } = await guarded()
    const config = asLibrary('result-client')
    const asked = await oauth.initiateDeviceAuthorization(config, { scope: 'results:read', device_name: 'cellar' })
    expect(asked.verification_uri).toBe(`${auth.running.url}/device`)
    expect(asked.verification_uri_complete).toBe(`${auth.running.url}/device?code=${asked.user_code}`)
    expect(asked.expires_in).toBe(900)
    const polling = oauth.pollDeviceAuthorizationGrant(config, asked)
    const seen = await auth.post('/api/v1/auth/device/look', { userCode: asked.user_code }, bearer)
    expect(seen.body).toMatchObject({ client: 'result-client', deviceName: 'cellar', askedFrom: '127.0.0.1' })
    expect((await auth.post('/api/v1/auth/device/approve', { userCode: asked.user_code }, bearer)).status).toBe(204)
    const { access_token: token, scope } = await polling
    expect(scope).toBe('results:read')
    const own = { authorization: `Bearer ${token}` }
    expect((await auth.post('/api/v1/auth/token', undefined, own)).body).toMatchObject({ scopes: ['results:read'] })
    expect((await auth.call('DELETE', '/api/v1/auth/token', { headers: own })).status).toBe(204)
    expect(codeOf(await auth.post('/api/v1/auth/token', undefined, own))).toEqual([401, 'token_invalid'])
    expect(codeOf(await auth.call('DELETE', '/api/v1/auth/token', { headers: own }))).toEqual([401, 'token_invalid'])
  })

  it('tells a refusal to such a library too', async () => {
    const { bearer } = await guarded()
    const config = asLibrary('mining-client')
    const asked = await oauth.initiateDeviceAuthorization(config, {})
    const polling = oauth.pollDeviceAuthorizationGrant(config, asked)
    await auth.post('/api/v1/auth/device/refuse', { userCode: asked.user_code }, bearer)
    await expect(polling).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('answers polls with a text in `error`, everything else with the coded object', async () => {
    const { device_code: code } = (await authorize({ client_id: 'mining-client' })).body as { device_code: string }
    const poll = { grant_type: DEVICE_GRANT_TYPE, device_code: code, client_id: 'mining-client' }
    const first = await form('/api/v1/auth/device_token', poll)
    expect([first.status, first.body.error]).toEqual([400, 'authorization_pending'])
    expect((await auth.post('/api/v1/auth/device_token', poll)).body.error).toBe('slow_down')
    for (const [body, error] of [
      [{ ...poll, device_code: 'x' }, 'invalid_grant'],
      [{ ...poll, grant_type: 'password' }, 'unsupported_grant_type'],
      [{ grant_type: DEVICE_GRANT_TYPE }, 'invalid_request'],
      [[], 'invalid_request'],
    ] as const)
      expect((await auth.post('/api/v1/auth/device_token', body)).body.error).toBe(error)
    const { bearer } = await loggedIn()
    const look = await auth.post('/api/v1/auth/device/look', { userCode: 'BCDF-GHJK' }, bearer)
    expect(codeOf(look)).toEqual([403, 'totp_needed'])
  })

  it('refuses programs, permissions and names that are not ours', async () => {
    const scope = apiTokenScopes.join(' ')
    for (const [body, status, error] of [
      [{ client_id: 'evil' }, 401, 'invalid_client'],
      [{}, 401, 'invalid_client'],
      [{ client_id: 'mining-client', scope }, 400, 'invalid_scope'],
      [{ client_id: 'mining-client', scope: 'account' }, 400, 'invalid_scope'],
      [{ client_id: 'mining-client', device_name: 'a'.repeat(61) }, 400, 'invalid_request'],
      [{ client_id: 'mining-client', device_name: 'a\u202eb' }, 400, 'invalid_request'],
    ] as const) {
      const answer = await authorize(body)
      expect([answer.status, answer.body.error]).toEqual([status, error])
    }
  })

  it('leaves forms closed everywhere else', async () => {
    expect(codeOf(await form('/api/v1/auth/login', alice))).toEqual([415, 'unsupported_media_type'])
    expect(codeOf(await form('/api/v1/auth/register', alice))).toEqual([415, 'unsupported_media_type'])
  })

  it('needs the account scope to decide', async () => {
    for (const act of ['look', 'approve', 'refuse']) {
      const answer = await auth.post(`/api/v1/auth/device/${act}`, { userCode: 'BCDF-GHJK' })
      expect(codeOf(answer)).toEqual([401, 'not_signed_in'])
    }
  })
})

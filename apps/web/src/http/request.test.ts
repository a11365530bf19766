import type { ErrorCode } from '@quarry/contracts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { request } from './request.ts'
import { endSession, startSession } from './session.ts'

const user = { userId: 'u1', email: 'ada@test.example', totpEnabled: true, createdAt: 0, admin: false }
const session = (accessToken: string) => ({ accessToken, expiresAt: Date.now() + 300_000, user })
const asked: string[] = []
let refusal: ErrorCode

beforeEach(() => {
  asked.length = 0
  startSession(session('old'))
  vi.stubGlobal('fetch', (path: string, options?: { headers?: Headers }) => {
    const token = options?.headers?.get('authorization') ?? ''
    asked.push(`${path} ${token}`.trim())
    if (path === '/api/v1/auth/refresh') return Promise.resolve(Response.json(session('new')))
    const refused = () => Response.json({ error: { code: refusal, message: 'no' } }, { status: 401 })
    return Promise.resolve(token === 'Bearer new' ? Response.json({ done: true }) : refused())
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  endSession(false)
})

it('renews an access token that is over, and asks again', async () => {
  refusal = 'token_expired'
  expect(await request('/api/v1/orders')).toEqual({ done: true })
  expect(asked).toEqual(['/api/v1/orders Bearer old', '/api/v1/auth/refresh', '/api/v1/orders Bearer new'])
})

it.each(['sign_in_failed', 'totp_required', 'totp_clock_off'] as const)(
  'shows factors that were refused as %s once only',
  async (code) => {
    refusal = code
    const asking = request('/api/v1/auth/password', { method: 'POST', json: {} })
    await expect(asking).rejects.toMatchObject({ code })
    expect(asked).toEqual(['/api/v1/auth/password Bearer old'])
  },
)

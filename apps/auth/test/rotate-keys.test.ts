import type { JWK } from 'jose'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { rotateKeys } from '../src/commands/rotate-keys.ts'
import { testEnv } from './auth-stage.ts'
import { startAuth, type RunningAuth } from './running-auth.ts'

let auth: RunningAuth
beforeEach(async () => {
  auth = await startAuth()
})
afterEach(() => auth.stop())

it('a key rotated beside the running service waits for its turn, and a second rotation for the first', async () => {
  const before = await auth.call('GET', '/.well-known/jwks.json')
  expect(before.body.keys).toHaveLength(1)
  const env = { ...testEnv, QUARRY_DATA: auth.dataDir }
  const lines: string[] = []
  const output = { write: (text: string) => lines.push(text) }
  expect(await rotateKeys(env, output)).toBe(0)
  expect(await rotateKeys(env, output)).toBe(1)
  expect(lines.join('')).toMatch(/^Key \w{22} is published and signs from .*Z on\.\nA new key is waiting/)
})

it('keys outlive a restart', async () => {
  const kids = (answer: { body: Record<string, unknown> }) => (answer.body.keys as JWK[]).map((key) => key.kid)
  const before = await auth.call('GET', '/.well-known/jwks.json')
  await auth.running.stop()
  const again = await startAuth({ QUARRY_DATA: auth.dataDir })
  expect(kids(await again.call('GET', '/.well-known/jwks.json'))).toEqual(kids(before))
  await again.stop()
})

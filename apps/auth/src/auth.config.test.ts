import { expect, it } from 'vitest'
import { authConfig, bcryptCostOf } from './auth.config.ts'

const strong = {
  QUARRY_AUTH_PEPPER: 'Jm2vQx8Lr4Tz9Kc6Wn1Yb5Hd3Gf7Ps0A',
  QUARRY_AUTH_SEALING_KEY: 'Xa1Zs2Wd3Ec4Rf5Vt6Bg7Yh8Nu9Jm0Ki',
}

it('is production unless said otherwise, at cost 12', () => {
  const config = authConfig.read(strong)
  expect(config.environment).toBe('production')
  expect(bcryptCostOf(config)).toBe(12)
})

it.each([
  ['no secrets', {}, 'QUARRY_AUTH_PEPPER'],
  ['a short pepper', { ...strong, QUARRY_AUTH_PEPPER: 'short' }, 'at least 32 bytes'],
  ['one secret for both', { ...strong, QUARRY_AUTH_SEALING_KEY: strong.QUARRY_AUTH_PEPPER }, 'must differ'],
  [
    'a development pepper',
    { ...strong, QUARRY_AUTH_PEPPER: 'development-pepper-0123456789abcdef' },
    'development value',
  ],
  ['a key of one letter', { ...strong, QUARRY_AUTH_SEALING_KEY: 'a'.repeat(40) }, 'development value'],
  ['a low cost', { ...strong, QUARRY_AUTH_BCRYPT_COST: '11' }, 'QUARRY_AUTH_BCRYPT_COST'],
  ['the cost of tests', { ...strong, QUARRY_AUTH_INSECURE_BCRYPT_COST: '4' }, 'QUARRY_AUTH_INSECURE_BCRYPT_COST'],
  ['keys that sign at once', { ...strong, QUARRY_AUTH_KEY_PUBLISH_AHEAD_MS: '0' }, 'QUARRY_AUTH_KEY_PUBLISH_AHEAD_MS'],
])('refuses %s in production', (_, env, problem) => {
  expect(() => authConfig.read(env)).toThrow(problem)
})

it('shows no secret in what it says', () => {
  for (const pepper of ['development-pepper-0123456789abcdef', 'tiny-0123']) {
    const read = () => authConfig.read({ ...strong, QUARRY_AUTH_PEPPER: pepper })
    expect(read).toThrow('QUARRY_AUTH_PEPPER')
    expect(read).not.toThrow('0123')
  }
})

it('takes a low cost and made-up secrets outside production', () => {
  const env = { QUARRY_ENV: 'test', QUARRY_AUTH_PEPPER: 'a'.repeat(32), QUARRY_AUTH_SEALING_KEY: 'b'.repeat(32) }
  expect(bcryptCostOf(authConfig.read({ ...env, QUARRY_AUTH_INSECURE_BCRYPT_COST: '4' }))).toBe(4)
})

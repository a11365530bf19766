import fc from 'fast-check'
import { getRounds } from 'bcrypt'
import { describe, expect, it } from 'vitest'
import { isCommonPassword } from './common-passwords.ts'
import { Passwords } from './passwords.ts'

const passwords = new Passwords({ pepper: 'pepper of the tests', cost: 4 })

async function hashOf(password: string, by = passwords): Promise<string> {
  const hashed = await by.hash(password)
  if (!hashed.ok) throw new Error('busy')
  return hashed.value
}

async function matches(password: string, hash: string | undefined, by = passwords): Promise<boolean> {
  const answer = await by.matches(password, hash)
  if (!answer.ok) throw new Error('busy')
  return answer.value
}

describe('passwords', () => {
  it('match themselves and nothing else, of any script and length', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        const hash = await hashOf(one)
        expect(await matches(one, hash)).toBe(true)
        expect(await matches(other, hash)).toBe(one.normalize('NFC') === other.normalize('NFC'))
      }),
      { numRuns: 60 },
    )
  })

  it('differ by their last character after byte 72, and by what follows a NUL', async () => {
    expect(await matches(`${'a'.repeat(200)}y`, await hashOf(`${'a'.repeat(200)}x`))).toBe(false)
    expect(await matches('secret\0other', await hashOf('secret\0thing'))).toBe(false)
    expect(await matches('  padded  ', await hashOf('padded'))).toBe(false)
  })

  it('are the same however the machine composes their letters, and not otherwise folded', async () => {
    expect(await matches('cafe\u0301 noir', await hashOf('caf\u00e9 noir'))).toBe(true)
    expect(await matches('\ufb01ne weather', await hashOf('fine weather'))).toBe(false)
  })

  it('need the same pepper', async () => {
    const elsewhere = new Passwords({ pepper: 'another pepper', cost: 4 })
    expect(await matches('plum tree', await hashOf('plum tree'), elsewhere)).toBe(false)
  })

  it('of nobody match nothing, after the work of a real one', async () => {
    expect(await matches('', undefined)).toBe(false)
    const slow = new Passwords({ pepper: 'p', cost: 10 })
    const timed = async (hash: string | undefined) => {
      const startedAt = performance.now()
      for (let n = 0; n < 5; n++) await matches('wrong', hash, slow)
      return performance.now() - startedAt
    }
    const somebody = await timed(await hashOf('right', slow))
    const nobody = await timed(undefined)
    expect(nobody / somebody).toBeGreaterThan(0.2)
    expect(nobody / somebody).toBeLessThan(5)
  })

  it('are hashed at the cost that production uses', async () => {
    const strong = new Passwords({ pepper: 'p', cost: 12 })
    const hash = await hashOf('plum tree', strong)
    expect(getRounds(hash)).toBe(12)
    expect(await matches('plum tree', hash, strong)).toBe(true)
    expect(strong.isOutdated(await hashOf('plum tree'))).toBe(true)
    expect(strong.isOutdated(hash)).toBe(false)
  })

  it('wait for each other in a short queue, and what does not fit is refused at once', async () => {
    const slow = new Passwords({ pepper: 'p', cost: 6 })
    const answers = await Promise.all(Array.from({ length: 100 }, () => slow.hash('plum tree')))
    expect(answers.filter((answer) => answer.ok)).toHaveLength(34)
    expect((await slow.hash('plum tree')).ok).toBe(true)
  })
})

it.each(['password', 'PassWord', '12345678', 'qwertyuiop', 'password123', 'aaaaaaaaaaaa', 'iloveyou'])(
  '%s is common',
  (password) => {
    expect(isCommonPassword(password)).toBe(true)
  },
)

it.each(['plum tree in the rain', 'correct horse battery staple', 'пароль со словами', 'aaaaaaab'])(
  '%s is not common',
  (password) => {
    expect(isCommonPassword(password)).toBe(false)
  },
)

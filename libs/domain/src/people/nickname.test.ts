import { describe, expect, test } from 'vitest'
import { parseNickname } from './nickname.ts'

describe('a nickname', () => {
  test.each(['ada', 'Ada-Lovelace', 'a.b_c-9', '123', 'x'.repeat(20), ' ada '])('may be "%s"', (text) => {
    expect(parseNickname(text)).toMatchObject({ ok: true, value: { shown: text.trim() } })
  })

  test.each([
    '',
    'ab',
    'x'.repeat(21),
    'a b c',
    '-ada',
    'ada.',
    'a--b',
    'äda',
    'аda',
    'ada@x.org',
    'a<b>c',
    'a\u0000bc',
    'a\u202Ebc',
  ])('may not be "%s"', (text) => expect(parseNickname(text)).toEqual({ ok: false, error: 'shape' }))

  test.each(['admin', 'Quarry', 'ADM1N', 's-u-p-p-o-r-t', 'r00t'])('may not pretend to be %s', (text) => {
    expect(parseNickname(text)).toEqual({ ok: false, error: 'reserved' })
  })

  test('is the same for names that look alike', () => {
    const fold = (text: string) => {
      const name = parseNickname(text)
      return name.ok && name.value.folded
    }
    expect(fold('ill-0ne')).toBe(fold('111one'))
    expect(fold('Ada.L')).toBe(fold('adal'))
    expect(fold('ada')).not.toBe(fold('adb'))
  })
})

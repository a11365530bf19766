import { expect, it } from 'vitest'
import { decodeText } from './decode-text.ts'

const latin = new Uint8Array([0x4d, 0xfc, 0x6c, 0x6c]).buffer

it('decodes by the charset that the answer names', () => {
  expect(decodeText(latin, 'text/html; charset=ISO-8859-1')).toBe('Müll')
  expect(decodeText(latin, 'text/html; charset="windows-1252"')).toBe('Müll')
})

it('falls back to UTF-8', () => {
  const utf8 = new TextEncoder().encode('Müll').buffer
  expect(decodeText(utf8, 'text/html')).toBe('Müll')
  expect(decodeText(utf8, 'text/html; charset=klingon')).toBe('Müll')
})

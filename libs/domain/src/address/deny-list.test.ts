import { describe, expect, it } from 'vitest'
import { denyingPattern, parseDenyPattern } from './deny-list.ts'

describe('a pattern', () => {
  it.each([
    ['Example.COM', 'example.com'],
    [' example.com. ', 'example.com'],
    ['*.example.com', '*.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['0x7f.1', '127.0.0.1'],
    ['[2001:DB8::1]', '[2001:db8::1]'],
    ['2001:db8::1', '[2001:db8::1]'],
    ['com', 'com'],
  ])('%s is kept as %s', (text, pattern) => {
    expect(parseDenyPattern(text)).toEqual({ ok: true, value: pattern })
  })

  it.each([
    '',
    '*',
    '*.',
    'https://example.com',
    'example.com:8080',
    'example.com/path',
    'a@b.example',
    'a..b',
    'ex ample.com',
    '*.127.0.0.1',
    '\ud800.example',
    'a.*.example',
    'x'.repeat(256),
  ])('%j is none', (text) => {
    expect(parseDenyPattern(text).ok).toBe(false)
  })
})

describe('a host', () => {
  const patterns = new Set(['example.com', '*.shop.example', '127.0.0.1', '[2001:db8::1]'])
  it.each([
    ['example.com', 'example.com'],
    ['www.example.com:8443', 'example.com'],
    ['a.b.shop.example', '*.shop.example'],
    ['127.0.0.1:8080', '127.0.0.1'],
    ['[2001:db8::1]:80', '[2001:db8::1]'],
    ['shop.example', undefined],
    ['notexample.com', undefined],
    ['example.com.evil.example', undefined],
  ])('%s is denied by %s', (host, pattern) => {
    expect(denyingPattern(host, patterns)).toBe(pattern)
  })

  it('is free when nothing is denied', () => {
    expect(denyingPattern('example.com', new Set())).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import type { AllowList } from './allow-list.ts'
import { ALLOW_NOTHING, parseAllowList } from './allow-list.ts'
import { checkHostLiteral, checkTarget, loopbackAddressesOf } from './check-target.ts'

function listOf(text: string): AllowList {
  const list = parseAllowList(text)
  if (!list.ok) throw new Error(list.error)
  return list.value
}

describe('checkHostLiteral', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '10.0.0.1',
    '169.254.169.254',
    '[::1]',
    '::1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '0',
    '0.0.0.0',
    '１２７.０.０.１',
    '127。0。0。1',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'printer.local',
    'printer.local.',
    'vault.internal',
    'nas.home.arpa',
    'router',
    'metadata.google.internal',
  ])('refuses %s', (host) => {
    expect(checkHostLiteral(host, ALLOW_NOTHING)).toMatchObject({ ok: false, error: { rule: 'host' } })
  })

  it.each([
    '',
    'a b',
    'exa\r\nmple.com',
    'user@example.com',
    'example.com:80',
    'example.com/path',
    '[::1',
    '1.2.3.256',
    'exa%00mple.com',
    'example.com?a',
    'example.com#a',
    'example.com\\a',
  ])('refuses "%s", which is no host', (host) => expect(checkHostLiteral(host, ALLOW_NOTHING).ok).toBe(false))

  it.each([
    'example.com',
    'EXAMPLE.com.',
    'xn--bcher-kva.example',
    'localhost.example.com',
    'internal.example',
    '8.8.8.8',
    '[2606:4700:4700::1111]',
    '127.0.0.1.example.com',
  ])('takes %s', (host) => expect(checkHostLiteral(host, ALLOW_NOTHING).ok).toBe(true))

  it('takes what the allow-list admits, in every notation', () => {
    const allow = listOf('127.0.0.0/8')
    for (const host of ['127.0.0.1', '0x7f.1', 'localhost', 'shop.localhost'])
      expect(checkHostLiteral(host, allow).ok).toBe(true)
    for (const host of ['10.0.0.1', '[::1]', 'router', 'printer.local'])
      expect(checkHostLiteral(host, allow).ok).toBe(false)
  })

  it('takes local names when the allow-list reaches into a network', () => {
    expect(checkHostLiteral('printer.local', listOf('10.0.0.0/8')).ok).toBe(true)
  })
})

describe('loopbackAddressesOf', () => {
  it('answers for localhost alone, with the admitted addresses', () => {
    expect(loopbackAddressesOf('localhost', listOf('::1'))).toEqual(['::1'])
    expect(loopbackAddressesOf('a.LOCALHOST.', listOf('127.0.0.1,::1'))).toEqual(['127.0.0.1', '::1'])
    expect(loopbackAddressesOf('localhost', ALLOW_NOTHING)).toEqual([])
    expect(loopbackAddressesOf('example.com', listOf('127.0.0.1'))).toBeUndefined()
  })
})

describe('checkTarget', () => {
  it.each([
    ['ftp://example.com/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['http://user@example.com/', 'credentials'],
    ['http://:secret@example.com/', 'credentials'],
    ['http://example.com:8080/', 'port'],
    ['https://example.com:22/', 'port'],
    ['http://8.8.8.8:25/', 'port'],
    ['http://localhost/', 'host'],
    ['http://[::ffff:10.0.0.1]/', 'host'],
  ])('refuses %s for its %s', (url, rule) => {
    expect(checkTarget(new URL(url), { allow: ALLOW_NOTHING })).toMatchObject({ ok: false, error: { rule } })
  })

  it('takes 80 and 443 of either scheme', () => {
    for (const url of [
      'http://example.com/',
      'https://example.com/',
      'http://example.com:443/',
      'https://example.com:80/',
    ]) {
      expect(checkTarget(new URL(url), { allow: ALLOW_NOTHING }).ok).toBe(true)
    }
  })

  it('takes other ports when the operator admits them, or for admitted addresses', () => {
    const site = new URL('http://example.com:8080/')
    expect(checkTarget(site, { allow: ALLOW_NOTHING, ports: [8080] }).ok).toBe(true)
    expect(checkTarget(site, { allow: ALLOW_NOTHING, ports: 'any' }).ok).toBe(true)
    expect(checkTarget(site, { allow: ALLOW_NOTHING, ports: [8081] }).ok).toBe(false)
    expect(checkTarget(site, { allow: listOf('127.0.0.1') }).ok).toBe(false)
    expect(checkTarget(new URL('http://127.0.0.1:8080/'), { allow: listOf('127.0.0.1') }).ok).toBe(true)
    expect(checkTarget(new URL('http://localhost:8080/'), { allow: listOf('127.0.0.1') }).ok).toBe(true)
  })
})

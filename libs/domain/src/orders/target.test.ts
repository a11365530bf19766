import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTarget } from './target.ts'

describe('parseTarget', () => {
  it.each([
    ['https://example.org', 'https://example.org/', 'example.org'],
    ['HTTP://Example.ORG:80/A?b=C', 'http://example.org/A?b=C', 'example.org'],
    ['https://example.org:443/', 'https://example.org/', 'example.org'],
    ['http://example.org:8080/x', 'http://example.org:8080/x', 'example.org:8080'],
    ['http://example.org:443/', 'http://example.org:443/', 'example.org:443'],
    ['https://example.org/a/../b', 'https://example.org/b', 'example.org'],
    ['https://example.org/page#part', 'https://example.org/page', 'example.org'],
    ['https://example.org/page#', 'https://example.org/page', 'example.org'],
    ['https://example.org./', 'https://example.org/', 'example.org'],
    ['https://Bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4', 'xn--bcher-kva.example'],
    ['http://[2001:DB8::1]:8080/', 'http://[2001:db8::1]:8080/', '[2001:db8::1]:8080'],
    ['http://0x7f.1/', 'http://127.0.0.1/', '127.0.0.1'],
    ['http://127.0.0.1./', 'http://127.0.0.1/', '127.0.0.1'],
    [' https://example.org/ ', 'https://example.org/', 'example.org'],
  ])('reads %j', (text, url, host) => {
    expect(parseTarget(text)).toEqual({ ok: true, value: { url, host } })
  })

  it.each([
    ['', 'url_invalid'],
    ['example.org', 'url_invalid'],
    ['/page', 'url_invalid'],
    ['https://', 'url_invalid'],
    ['https://exa mple.org/', 'url_invalid'],
    ['https://example.org:99999/', 'url_invalid'],
    ['http://256.256.256.256/', 'url_invalid'],
    ['ftp://example.org/', 'url_scheme'],
    ['file:///etc/passwd', 'url_scheme'],
    ['javascript:alert(1)', 'url_scheme'],
    ['data:text/html,x', 'url_scheme'],
    ['https://user@example.org/', 'url_credentials'],
    ['https://user:secret@example.org/', 'url_credentials'],
    ['https://:secret@example.org/', 'url_credentials'],
    ['https://example.org\\@evil.example/', 'url_characters'],
    ['https://example.org/\r\nHost: evil.example', 'url_characters'],
    ['https://exam\tple.org/', 'url_characters'],
    ['https://example.org/\0', 'url_characters'],
    ['https://example.org/\u0085', 'url_characters'],
    ['https://example.org/\ud800', 'url_characters'],
    ['https://example..org/', 'url_host'],
    ['https://example.org../', 'url_host'],
    [`https://${'a'.repeat(64)}.org/`, 'url_host'],
    [`https://${'a.'.repeat(130)}org/`, 'url_host'],
    [`https://example.org/${'a'.repeat(2048)}`, 'url_too_long'],
    [`https://example.org/${'ä'.repeat(400)}`, 'url_too_long'],
    [`https://example.org/#${'a'.repeat(2048)}`, 'url_too_long'],
  ])('refuses %j as %s', (text, code) => {
    expect(parseTarget(text)).toMatchObject({ ok: false, error: { code } })
  })

  it('reads what it wrote as the same, without credentials, fragment or second name of a host', () => {
    const texts = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.string().map((path) => `http://a.example/${path}`),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const first = parseTarget(text)
        if (!first.ok) return
        expect(parseTarget(first.value.url)).toEqual(first)
        expect(first.value.url).not.toMatch(/[\s#\\]/)
        expect(first.value.host).toBe(first.value.host.toLowerCase())
        expect(first.value.url.split('/')[2]).toBe(first.value.host)
      }),
    )
  })
})

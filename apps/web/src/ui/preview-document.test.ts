import { describe, expect, it } from 'vitest'
import { MAX_PREVIEW_CHARS, previewDocument, previewKind } from './preview-document.ts'

describe('previewKind', () => {
  it.each([
    ['text/html; charset=utf-8', 'html'],
    ['Application/XHTML+XML', 'html'],
    ['text/plain', 'text'],
    ['application/json', 'text'],
    ['application/ld+json', 'text'],
    ['image/svg+xml', 'none'],
    ['application/pdf', 'none'],
  ] as const)('%s', (type, kind) => {
    expect(previewKind([['Content-Type', type]])).toBe(kind)
  })

  it('takes a page without a type for HTML', () => {
    expect(previewKind([['server', 'x']])).toBe('html')
  })
})

describe('previewDocument', () => {
  it('puts the policy before anything of the page', () => {
    const shown = previewDocument('html', '<img src=x>', (html) => html)
    expect(shown.indexOf('Content-Security-Policy')).toBeLessThan(shown.indexOf('<img'))
    expect(shown).toContain("default-src 'none'")
    expect(shown).not.toContain('script-src')
  })

  it('shows text as text', () => {
    const shown = previewDocument('text', '{"a":"</pre><script>alert(1)</script>"}', () => 'unused')
    expect(shown).not.toContain('<script>')
    expect(shown).toContain('&lt;script&gt;')
  })

  it('cuts what is too long before it is worked on', () => {
    let worked = 0
    previewDocument('html', 'x'.repeat(MAX_PREVIEW_CHARS + 1), (html) => ((worked = html.length), html))
    expect(worked).toBe(MAX_PREVIEW_CHARS)
  })
})

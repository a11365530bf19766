const UNRESERVED = /^[A-Za-z0-9\-._~]$/
/** Characters that a URL never holds as they are, or that mean something in a pattern. */
const ENCODED = /[^\x21-\x7E]|["<>\\^`{|}*$]/u
const TOKEN = /%[0-9A-Fa-f]{2}|[^]/gu
const encoder = new TextEncoder()

/**
 * The one spelling of a path and query under which two equivalent ones are equal (RFC 9309, 2.2.2): needless escapes
 * undone, needed ones added, in upper case. `*` and `$` become escapes, so that they never meet a pattern's own.
 */
export function normalizePath(pathAndQuery: string): string {
  let isQuery = false
  return pathAndQuery.replace(TOKEN, (token) => {
    isQuery ||= token === '?'
    return token.length === 3 && token.startsWith('%') ? escapeOf(token, isQuery) : literalOf(token)
  })
}

/** The same for a rule's pattern, whose `*` and last `$` keep their meaning. */
export function normalizePattern(pattern: string): string {
  const isAnchored = pattern.endsWith('$')
  const parts = (isAnchored ? pattern.slice(0, -1) : pattern).split('*')
  const question = pattern.indexOf('?')
  let at = 0
  const normalized = parts.map((part) => {
    const isQuery = question !== -1 && at > question
    at += part.length + 1
    return isQuery ? normalizePath(`?${part}`).slice(1) : normalizePath(part)
  })
  return normalized.join('*') + (isAnchored ? '$' : '')
}

function escapeOf(token: string, isQuery: boolean): string {
  const character = String.fromCharCode(Number.parseInt(token.slice(1), 16))
  if (UNRESERVED.test(character)) return character
  // In a query these two stand for themselves, escaped or not.
  if (isQuery && (character === ':' || character === '/')) return character
  return token.toUpperCase()
}

function literalOf(character: string): string {
  if (!ENCODED.test(character)) return character
  let escaped = ''
  for (const byte of encoder.encode(character)) escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return escaped
}

import { err, ok, type Result } from '../result.ts'
import { parseAddress } from './classify-address.ts'

/** Long enough for every host name there can be. */
const MAX_PATTERN_LENGTH = 255

/**
 * Reads a pattern of the operator's deny-list into the form in which it is stored and compared: `example.com` is that
 * host and all below it, `*.example.com` only those below; an address is that address, in whatever notation it comes.
 * Port, scheme and path have no place in it. The error says what is wrong.
 */
export function parseDenyPattern(text: string): Result<string, string> {
  const trimmed = text.trim()
  const below = trimmed.startsWith('*.')
  const name = below ? trimmed.slice(2) : trimmed
  if (name === '' || name.length > MAX_PATTERN_LENGTH || /[\s/@?#\\*%]/.test(name) || !name.isWellFormed())
    return err('is no host name')
  const bare = name.startsWith('[') ? name.replace(/^\[|\]$/g, '') : name
  const host = bare.includes(':') ? `[${bare}]` : bare
  if (!URL.canParse(`http://${host}/`)) return err('is no host name')
  const url = new URL(`http://${host}/`)
  if (url.port !== '' || url.href !== `http://${url.hostname}/`) return err('is no host name')
  const normal = withoutDot(url.hostname)
  if (normal === '' || normal.split('.').some((label) => label === '')) return err('is no host name')
  if (!below) return ok(normal)
  return isAddress(normal) ? err('is an address, which has nothing below it') : ok(`*.${normal}`)
}

/**
 * The pattern that denies this host, the narrowest first; undefined when none does. `host` as `parseTarget` gives it:
 * a port is passed over. Takes as long for a thousand patterns as for one.
 */
export function denyingPattern(host: string, patterns: ReadonlySet<string>): string | undefined {
  if (patterns.size === 0) return undefined
  const name = withoutDot(host.replace(/:\d+$/, '').toLowerCase())
  if (patterns.has(name)) return name
  if (isAddress(name)) return undefined
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const parent = name.slice(dot + 1)
    if (patterns.has(`*.${parent}`)) return `*.${parent}`
    if (patterns.has(parent)) return parent
  }
  return undefined
}

function withoutDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host
}

function isAddress(host: string): boolean {
  return parseAddress(host.replace(/^\[|\]$/g, '')) !== undefined
}

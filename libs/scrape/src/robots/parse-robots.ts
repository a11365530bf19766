import { normalizePath, normalizePattern } from './normalize-path.ts'

/** One `Allow` or `Disallow` line, its pattern normalised. */
interface Rule {
  readonly allow: boolean
  readonly pattern: string
}

/** What a robots.txt says to one agent. */
export interface RobotsRules {
  readonly rules: readonly Rule[]
  /** The site's wish for a gap between two requests; at most an hour. */
  readonly crawlDelayMs?: number
}

/** The rules of a site without a robots.txt. */
export const ALLOW_ALL: RobotsRules = { rules: [] }

const MAX_CRAWL_DELAY_MS = 3_600_000

/**
 * Reads a robots.txt as RFC 9309 says, for the agent with this product token: the groups that name it, merged, or else
 * the groups for `*`. Common misspellings and a missing colon are understood, as large crawlers do; whatever else is not
 * a rule is skipped.
 */
export function parseRobots(text: string, productToken: string): RobotsRules {
  const token = productToken.toLowerCase()
  const named = new RuleSet()
  const general = new RuleSet()
  let current: RuleSet[] = []
  let namesAgents = false
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const { field, value } = fieldOf(line)
    if (field === 'user-agent') {
      if (!namesAgents) current = []
      namesAgents = true
      const set = agentOf(value) === token ? named : /^\*(\s|$)/.test(value) ? general : undefined
      if (set) {
        set.isNamed = true
        current.push(set)
      }
    } else if (field === 'crawl-delay') {
      for (const set of current) set.delay(value)
    } else if (field !== undefined) {
      namesAgents = false
      for (const set of current) set.add(field === 'allow', value)
    }
  }
  return (named.isNamed ? named : general).toRules()
}

/** Whether the rules let the agent fetch a URL's path and query. The most specific rule decides, `Allow` on a draw. */
export function isAllowed(rules: RobotsRules, pathAndQuery: string): boolean {
  if (rules.rules.length === 0 || pathAndQuery === '/robots.txt') return true
  const path = normalizePath(pathAndQuery)
  let decisive: Rule | undefined
  for (const rule of rules.rules) {
    const advantage = rule.pattern.length - (decisive?.pattern.length ?? 0)
    if (decisive && (advantage < 0 || (advantage === 0 && !rule.allow))) continue
    if (matches(rule.pattern, path)) decisive = rule
  }
  return decisive?.allow ?? true
}

class RuleSet {
  isNamed = false
  #crawlDelayMs: number | undefined
  readonly #rules: Rule[] = []

  add(allow: boolean, pattern: string): void {
    if (pattern !== '') this.#rules.push({ allow, pattern: normalizePattern(pattern) })
  }

  delay(value: string): void {
    if (/^\d+(\.\d*)?$|^\.\d+$/.test(value)) {
      this.#crawlDelayMs = Math.min(Math.round(Number(value) * 1000), MAX_CRAWL_DELAY_MS)
    }
  }

  toRules(): RobotsRules {
    return { rules: this.#rules, ...(this.#crawlDelayMs === undefined ? {} : { crawlDelayMs: this.#crawlDelayMs }) }
  }
}

type Field = 'user-agent' | 'allow' | 'disallow' | 'crawl-delay'

const FIELDS: Readonly<Record<string, Field>> = {
  'user-agent': 'user-agent',
  useragent: 'user-agent',
  'user agent': 'user-agent',
  allow: 'allow',
  disallow: 'disallow',
  dissallow: 'disallow',
  dissalow: 'disallow',
  disalow: 'disallow',
  diasllow: 'disallow',
  disallaw: 'disallow',
  'crawl-delay': 'crawl-delay',
  crawldelay: 'crawl-delay',
}

function fieldOf(line: string): { field: Field | undefined; value: string } {
  const hash = line.indexOf('#')
  const text = (hash === -1 ? line : line.slice(0, hash)).trim()
  const colon = text.indexOf(':')
  if (colon !== -1) {
    return { field: knownField(text.slice(0, colon)), value: text.slice(colon + 1).trim() }
  }
  const [name = '', value = '', ...rest] = text.split(/[ \t]+/, 3)
  return { field: value === '' || rest.length > 0 ? undefined : knownField(name), value }
}

function knownField(name: string): Field | undefined {
  const key = name.trim().toLowerCase()
  return Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined
}

/** The product token at the beginning of a `User-agent` value: `QuarryBot/0.1` names the agent as well. */
function agentOf(value: string): string {
  return value.replace(/[^A-Za-z_-].*$/s, '').toLowerCase()
}

/** A pattern matches from the path's start; `*` is any text, a last `$` the end. Linear in the path for each `*`. */
function matches(pattern: string, path: string): boolean {
  const isAnchored = pattern.endsWith('$')
  const parts = (isAnchored ? pattern.slice(0, -1) : pattern).split('*')
  const first = parts[0]!
  if (!path.startsWith(first)) return false
  if (parts.length === 1) return !isAnchored || path.length === first.length
  let at = first.length
  const last = parts.length - 1
  for (let index = 1; index < (isAnchored ? last : parts.length); index += 1) {
    const found = path.indexOf(parts[index]!, at)
    if (found === -1) return false
    at = found + parts[index]!.length
  }
  const tail = parts[last]!
  return !isAnchored || (path.length - tail.length >= at && path.endsWith(tail))
}

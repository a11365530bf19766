import { describe, expect, it } from 'vitest'
import { isAllowed, parseRobots } from './parse-robots.ts'

/** Whether an agent named FooBot may fetch the URL, as the cases of RFC 9309 and of Google's own suite put it. */
function foobotMay(robots: string, url: string): boolean {
  const { pathname, search } = new URL(url, 'http://foo.bar')
  return isAllowed(parseRobots(robots, 'FooBot'), pathname + search)
}

/** One user-agent group for FooBot with these rules. */
function rules(...lines: string[]): string {
  return `user-agent: FooBot\n${lines.join('\n')}\n`
}

type Case = readonly [what: string, robots: string, url: string, allowed: boolean]

const GROUPS = `allow: /foo/bar/
user-agent: FooBot
disallow: /
allow: /x/
user-agent: BarBot
disallow: /
allow: /y/

allow: /w/
user-agent: BazBot

user-agent: FooBot
allow: /z/
disallow: /
`
const TWO_AGENTS = 'user-agent: BarBot\nuser-agent: FooBot\ndisallow: /private\n'
const FISH = rules('disallow: /', 'allow: /fish')
const PHP = rules('disallow: /', 'allow: /*.php')
const PHP_END = rules('disallow: /', 'allow: /*.php$')

const cases: Case[] = [
  ['an empty file', '', '/', true],
  ['no rules', 'user-agent: FooBot\n', '/', true],
  ['a rule before any agent', 'disallow: /\nuser-agent: BarBot\ndisallow: /\n', '/', true],
  ['field names in upper case', 'USER-AGENT: FooBot\nDISALLOW: /x/\n', '/x/y', false],
  ['missing colons', 'user-agent FooBot\ndisallow /\n', '/x/y', false],
  ['unknown fields', 'foo: FooBot\nbar: /\n', '/x/y', true],
  ['misspelt fields', 'useragent: FooBot\ndisalow: /a\ndissallow: /b\n', '/b', false],
  ['rules of merged groups', GROUPS, '/x/b', true],
  ['rules of a later group', GROUPS, '/z/d', true],
  ["another agent's rules", GROUPS, '/y/c', false],
  ['rules without an agent above', GROUPS, '/foo/bar/', false],
  ["another agent's second rules", GROUPS, '/w/a', false],
  ['a group of two agents', TWO_AGENTS, '/private/x', false],
  [
    'agents parted by a sitemap',
    'user-agent: FooBot\nsitemap: /s.xml\nuser-agent: BarBot\ndisallow: /a\n',
    '/a',
    false,
  ],
  [
    'a delay between agents, which ends no group',
    'user-agent: FooBot\ncrawl-delay: 1\nuser-agent: BarBot\ndisallow: /a\n',
    '/a',
    false,
  ],
  ['agents in another case', 'user-agent: fOObOT\ndisallow: /\n', '/', false],
  ['an agent with its version', 'user-agent: FooBot/2.1\ndisallow: /\n', '/', false],
  ['an agent and a space', 'user-agent: FooBot Extra\ndisallow: /\n', '/', false],
  ['a longer agent', 'user-agent: FooBotPlus\ndisallow: /\n', '/', true],
  ['a shorter agent', 'user-agent: Foo\ndisallow: /\n', '/', true],
  ['the general group', 'user-agent: *\ndisallow: /\n', '/', false],
  ['the general group with a note', 'user-agent: * everyone\ndisallow: /\n', '/', false],
  ['no general group', 'user-agent: *abc\ndisallow: /\n', '/', true],
  ['a special before the general group', 'user-agent: FooBot\nallow: /\nuser-agent: *\ndisallow: /\n', '/x', true],
  ['the general before a special group', 'user-agent: *\ndisallow: /\nuser-agent: FooBot\nallow: /\n', '/x', true],
  ['a special group without rules', 'user-agent: *\ndisallow: /\nuser-agent: FooBot\ndisallow:\n', '/x', true],
  ['values in another case', rules('disallow: /X/'), '/x/y', true],
  ['the same case', rules('disallow: /x/'), '/x/y', false],
  ['the longer allow', rules('disallow: /x/', 'allow: /x/page.html'), '/x/page.html', true],
  ['the longer disallow', rules('allow: /x/', 'disallow: /x/page.html'), '/x/page.html', false],
  ['the longer one elsewhere', rules('disallow: /x/page.html', 'allow: /x/'), '/x/', true],
  ['a draw', rules('disallow: /x', 'allow: /x'), '/x', true],
  ['a draw the other way round', rules('allow: /x', 'disallow: /x'), '/x', true],
  ['an empty disallow', rules('disallow:'), '/x', true],
  ['empty allow and disallow', rules('disallow:', 'allow:'), '/x', true],
  ['a rule and a longer wildcard', rules('disallow: /x/page', 'allow: /x/page*'), '/x/page.html', true],
  ['wildcards counted in the length', rules('allow: /page', 'disallow: /*.html'), '/page.html', false],
  ['the longest over wildcards', rules('allow: /x/page.', 'disallow: /*.html'), '/x/page.html', true],
  ['a rule of the query', rules('disallow: /x/page.html?q'), '/x/page.html?q=1', false],
  ['a prefix', FISH, '/fish', true],
  ['a prefix and more', FISH, '/fish.html', true],
  ['a prefix with a folder', FISH, '/fish/salmon.html', true],
  ['a prefix and a query', FISH, '/fish.php?id=anything', true],
  ['a prefix in another case', FISH, '/Fish.asp', false],
  ['a prefix later in the path', FISH, '/catfish', false],
  ['a prefix in the query', FISH, '/?id=fish', false],
  ['a folder alone', rules('disallow: /', 'allow: /fish/'), '/fish', false],
  ['a folder', rules('disallow: /', 'allow: /fish/'), '/fish/salmon.htm', true],
  ['a wildcard', PHP, '/folder/filename.php', true],
  ['a wildcard and more', PHP, '/folder/any.php.file.html', true],
  ['a wildcard and a query', PHP, '/filename.php?parameters', true],
  ['a wildcard in another case', PHP, '/windows.PHP', false],
  ['a wildcard and the end', PHP_END, '/folder/filename.php', true],
  ['a wildcard, the end, and a query', PHP_END, '/filename.php?parameters', false],
  ['a wildcard, the end, and a slash', PHP_END, '/filename.php/', false],
  ['a wildcard, the end, and more', PHP_END, '/filename.php5', false],
  ['a wildcard in between', rules('disallow: /', 'allow: /fish*.php'), '/fishheads/catfish.php?parameters', true],
  ['a wildcard that does not begin so', rules('disallow: /', 'allow: /fish*.php'), '/Fish.PHP', false],
  ['a last part that must not overlap', rules('disallow: /ab*b$'), '/ab', true],
  ['a last part that may be met twice', rules('disallow: /a*b$'), '/abxb', false],
  ['an end alone', rules('disallow: /$'), '/', false],
  ['an end alone, elsewhere', rules('disallow: /$'), '/x', true],
  ['many wildcards', rules('disallow: /a***b*$'), '/axxbxx', false],
  ['a dollar within', rules('disallow: /a$b'), '/a$b', false],
  ['a dollar within is no end', rules('disallow: /a$b'), '/a', true],
  ['special characters escaped', rules('disallow: /file-with-a-%2A.html'), '/file-with-a-*.html', false],
  ['an escaped star is no wildcard', rules('disallow: /file-with-a-%2A.html'), '/file-with-a-x.html', true],
  ['an escaped dollar', rules('disallow: /foo-%24'), '/foo-$', false],
  ['letters beyond ASCII', rules('disallow: /foo/bar/ツ'), '/foo/bar/%E3%83%84', false],
  ['escapes beyond ASCII', rules('disallow: /foo/bar/%E3%83%84'), '/foo/bar/ツ', false],
  ['escapes in lower case', rules('disallow: /foo/bar/%e3%83%84'), '/foo/bar/%E3%83%84', false],
  ['needless escapes in the rule', rules('disallow: /foo/bar/%62%61%7A'), '/foo/bar/baz', false],
  ['needless escapes in the URL', rules('disallow: /foo/bar/baz'), '/foo/bar/%62%61%7A', false],
  ['an escaped slash is none', rules('disallow: /foo%2Fbar'), '/foo/bar', true],
  ['a URL in the query', rules('disallow: /foo/bar?baz=http://foo.bar'), '/foo/bar?baz=http%3A%2F%2Ffoo.bar', false],
  [
    'a URL in the query, escaped in the rule',
    rules('disallow: /foo?*baz=http%3A%2F%2Ffoo'),
    '/foo?a&baz=http://foo',
    false,
  ],
  ['comments', 'user-agent: FooBot # us\ndisallow: /a # there\n# allow: /a\n', '/a', false],
  ['a comment for a value', rules('disallow: # nothing'), '/a', true],
  ['spaces around', '  user-agent :  FooBot  \n\tdisallow\t:\t/a  \n', '/a', false],
  ['Windows line ends', 'user-agent: FooBot\r\ndisallow: /a\r\n', '/a', false],
  ['old line ends', 'user-agent: FooBot\rdisallow: /a\r', '/a', false],
  ['blank lines in a group', 'user-agent: FooBot\n\n\ndisallow: /a\n', '/a', false],
  ['a byte order mark', '\uFEFFuser-agent: FooBot\ndisallow: /a\n', '/a', false],
  ['no last line end', 'user-agent: FooBot\ndisallow: /a', '/a', false],
  ['a page instead', '<!doctype html><html>disallow: /</html>', '/a', true],
  ['noise', '\u0000\u0001user-agent\u0000: FooBot\ndisallow: /\n', '/a', true],
  ['a field named like a method', 'user-agent: FooBot\nconstructor: /\n', '/a', true],
  ['its own file', rules('disallow: /'), '/robots.txt', true],
  ['a pattern without a slash', rules('disallow: secret'), '/secret', true],
]

describe('robots.txt', () => {
  it.each(cases)('%s', (...[, robots, url, allowed]) => expect(foobotMay(robots, url)).toBe(allowed))

  it('finds us by our own token', () => {
    const robots = 'user-agent: quarrybot\ndisallow: /q\nuser-agent: *\ndisallow: /\n'
    expect(isAllowed(parseRobots(robots, 'QuarryBot'), '/q')).toBe(false)
    expect(isAllowed(parseRobots(robots, 'QuarryBot'), '/other')).toBe(true)
  })

  it.each([
    ['2', 2000],
    ['0.5', 500],
    ['0', 0],
    ['99999999', 3_600_000],
    ['soon', undefined],
    ['-1', undefined],
    ['', undefined],
  ])('reads a delay of "%s"', (text, delayMs) => {
    const robots = `user-agent: *\ncrawl-delay: 9\nuser-agent: FooBot\ncrawl-delay: ${text}\n`
    expect(parseRobots(robots, 'FooBot').crawlDelayMs).toBe(delayMs)
  })

  it('is quick with patterns made to be slow', () => {
    const pattern = `/${'*a'.repeat(2000)}$`
    const slow = parseRobots(rules(...Array.from({ length: 50 }, () => `disallow: ${pattern}`)), 'FooBot')
    const path = `/${'a'.repeat(1999)}${'b'.repeat(4000)}`
    const startedAt = process.cpuUsage()
    expect(isAllowed(slow, path)).toBe(true)
    expect(process.cpuUsage(startedAt).user).toBeLessThan(5_000_000)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pageWords, startWords } from './page-words.ts'

const src = join(import.meta.dirname, '..')
const languages = ['en', 'de']
const sections = readdirSync(join(src, 'i18n/en')).map((name) => basename(name, '.ts'))
const keyOf = (section: string) => section.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())

/** The sources that a file brings along, `later` those that it loads on demand as well; types bring nothing. */
function sourcesOf(file: string, later: boolean, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !/\.tsx?$/.test(file)) return seen
  seen.add(file)
  const source = readFileSync(file, 'utf8').replaceAll(/^import type [^']+'[^']+'$/gm, '')
  const imports = [...source.matchAll(later ? /(?:from |import\()'(\.[^']+)'/g : /from '(\.[^']+)'/g)]
  for (const [, path] of imports) sourcesOf(join(dirname(file), path!), later, seen)
  return seen
}

/** The sections that the sources name, by any text that reads like a key of theirs. */
function sectionsIn(files: Iterable<string>): Set<string> {
  const text = [...files].map((file) => readFileSync(file, 'utf8')).join('\n')
  return new Set(sections.filter((section) => new RegExp(`['"\`]${keyOf(section)}\\.[a-zA-Z$]`).test(text)))
}

describe('the words of a page', () => {
  const start = sourcesOf(join(src, 'main.tsx'), false)

  it('are there for everything that the start shows', () => {
    expect(startWords).toEqual(expect.arrayContaining([...sectionsIn(start)]))
  })

  it.each(readdirSync(join(src, 'app/routes')).filter((name) => name.endsWith('-page.tsx')))(
    'are loaded with %s, and no others',
    (name) => {
      const page = basename(name, '.tsx')
      const shown = [...sourcesOf(join(src, 'app/routes', name), true)].filter((file) => !start.has(file))
      const needed = [...sectionsIn(shown)].filter((section) => !startWords.some((each) => each === section))
      expect(pageWords).toHaveProperty(page, needed.toSorted())
    },
  )

  it('name sections that both languages have', () => {
    for (const language of languages)
      expect(readdirSync(join(src, 'i18n', language))).toEqual(sections.map((each) => `${each}.ts`))
    for (const named of [startWords, ...Object.values(pageWords)])
      expect(sections).toEqual(expect.arrayContaining([...named]))
  })
})

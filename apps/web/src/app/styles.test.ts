import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const core = join(import.meta.dirname, '../../../../node_modules/@mantine/core')
/** Parts of a component that the site does not use. */
const unused = new Set(['CheckboxCard', 'CheckboxIndicator'])

/** The components of Mantine that the site's sources import, by name. */
function componentsInUse(): Set<string> {
  const sources = globSync('**/*.tsx', { cwd: join(import.meta.dirname, '..') })
  const imports = sources.flatMap((file) => [
    ...readFileSync(join(import.meta.dirname, '..', file), 'utf8').matchAll(
      /import \{([^}]*)\} from '@mantine\/core'/g,
    ),
  ])
  return new Set(imports.flatMap(([, names = '']) => names.split(',').map((name) => name.trim())))
}

/** The module with all that it imports itself. */
function modulesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen
  seen.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/from "(\.[^"]+)"/g)) {
    modulesOf(join(dirname(file), path!), seen)
  }
  return seen
}

test('every component of Mantine that the site uses has its style sheet', () => {
  const modules = [...componentsInUse()].map((name) => join(core, 'esm/components', name, `${name}.mjs`))
  const needed = new Set(
    modules
      .flatMap((file) => [...modulesOf(file)])
      .filter((file) => file.endsWith('.module.mjs'))
      .map((file) => basename(file, '.module.mjs'))
      .filter((name) => !unused.has(name) && existsSync(join(core, 'styles', `${name}.layer.css`))),
  )
  const imported = readFileSync(join(import.meta.dirname, 'styles.ts'), 'utf8')
  expect(needed).toContain('Button')
  expect([...needed].filter((name) => !imported.includes(`/${name}.layer.css'`)).sort()).toEqual([])
})

import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const documented = readFileSync('docs/configuration.md', 'utf8')
const configFiles = globSync(['apps/*/src/*.config.ts', 'libs/service-kit/src/{config,engines}/*.ts']).filter(
  (file) => !file.endsWith('.test.ts'),
)

it('docs/configuration.md names every setting that a service declares', () => {
  const declared = configFiles.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/variable: '(\w+)'/g)].map((match) => match[1]),
  )
  expect(declared.length).toBeGreaterThan(30)
  expect(declared.filter((variable) => !documented.includes(`\`${variable}\``))).toEqual([])
})

import { describe, expect, it } from 'vitest'
import { de } from './de.ts'
import { en } from './en.ts'

function leaves(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : leaves(value as object, `${path}${key}.`),
  )
}
const placeholders = (text: string) => [...text.matchAll(/{{\s*(.+?)\s*}}/g)].map((match) => match[1]).sort()

describe('the German dictionary', () => {
  const german = new Map(leaves(de))

  it.each(leaves(en))('has %s with the same placeholders', (key, english) => {
    const words = german.get(key)
    expect(words?.trim()).toBeTruthy()
    expect(placeholders(words ?? '')).toEqual(placeholders(english))
  })

  it('has no keys that English lacks', () => {
    expect([...german.keys()]).toEqual(leaves(en).map(([key]) => key))
  })
})

it('has both forms of every plural', () => {
  const all = new Set(leaves(en).map(([key]) => key))
  const plural = [...all].filter((key) => key.endsWith('_one'))
  expect(plural.length).toBeGreaterThan(5)
  for (const key of plural) expect(all.has(key.replace(/_one$/, '_other'))).toBe(true)
})

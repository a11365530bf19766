import { expect, it } from 'vitest'
import { diffTexts, patchOf } from './diff-texts.ts'

const wish = { mode: 'lines', ignoreWhitespace: false } as const
const shown = (before: string, after: string, more: object = {}) => {
  const outcome = diffTexts({ before, after, ...wish, ...more })
  if (outcome.kind !== 'diff') throw new Error(outcome.kind)
  return outcome.lines.map(
    ({ kind, pieces }) =>
      `${kind[0]} ${pieces.map((piece) => (piece.changed ? `[${piece.text}]` : piece.text)).join('')}`,
  )
}

it('compares by lines, and marks the words that changed within them', () => {
  expect(shown('a\nprice 5\nc\n', 'a\nprice 7\nc\nd\n')).toEqual(['s a', 'r price 5', 'a price 7', 's c', 'a d'])
  expect(shown('price 5 now\n', 'price 7 now\n', { mode: 'words' })).toEqual(['r price [5] now', 'a price [7] now'])
})

it('passes over blanks when asked to', () => {
  expect(shown('a  \n b\n', 'a\nb\n', { ignoreWhitespace: true }).every((line) => line.startsWith('s'))).toBe(true)
  expect(shown('a  \n', 'a\n').some((line) => line.startsWith('r'))).toBe(true)
})

it('makes a patch that names both', () => {
  expect(patchOf('a\n', 'b\n', ['run-1', 'run-2'])).toContain('--- run-1\n+++ run-2\n@@ -1,1 +1,1 @@\n-a\n+b\n')
})

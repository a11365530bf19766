import { expect, it } from 'vitest'
import { mergeVersions } from './merge-versions.ts'

it('joins a content that several pages saw, from its first run to its last', () => {
  const seen = (sha256: string, firstRep: number, lastRep: number) => ({
    sha256,
    sizeBytes: 1,
    contentType: '',
    runs: lastRep - firstRep + 1,
    firstRep,
    firstAt: firstRep,
    lastRep,
    lastAt: lastRep,
  })
  expect(
    mergeVersions([
      [seen('a', 90, 99), seen('b', 80, 89)],
      [seen('c', 50, 79), seen('a', 40, 49)],
    ]),
  ).toEqual([{ ...seen('a', 40, 99), runs: 20 }, seen('b', 80, 89), seen('c', 50, 79)])
})

import { describe, expect, it } from 'vitest'
import { BUCKET_COUNT } from './bucket.ts'
import { bucketsOf, ownerOf } from './owner-of.ts'

const counts = Array.from({ length: 40 }, (_, index) => index + 1)
const buckets = Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucket)

describe('ownerOf', () => {
  it.each(counts)('moves buckets to the new shard only, and few of them, when %i shards become one more', (count) => {
    const moved = buckets.filter((bucket) => ownerOf(bucket, count) !== ownerOf(bucket, count + 1))
    expect(new Set(moved.map((bucket) => ownerOf(bucket, count + 1)))).toEqual(new Set([count]))
    expect(moved.length).toBeLessThan((1.5 * BUCKET_COUNT) / (count + 1))
  })

  it.each(counts.slice(0, 16))('gives each of %i shards its even share of buckets, within 20 %%', (count) => {
    const even = BUCKET_COUNT / count
    for (let index = 0; index < count; index++) {
      const share = bucketsOf({ index, count }).length
      expect(share).toBeGreaterThan(0.8 * even)
      expect(share).toBeLessThan(1.2 * even)
    }
  })

  it('is the same for ever', () => {
    expect([0, 1, 2, 511, 1023].map((bucket) => ownerOf(bucket, 7))).toMatchInlineSnapshot(`
      [
        5,
        1,
        6,
        6,
        2,
      ]
    `)
  })

  it('gives a bucket to nobody when there is no shard', () => {
    expect(ownerOf(5, 0)).toBe(-1)
  })
})

describe('bucketsOf', () => {
  it('leaves no bucket out and gives none twice, in ascending order', () => {
    const shares = [0, 1, 2, 3, 4].map((index) => bucketsOf({ index, count: 5 }))
    for (const share of shares) expect(share).toEqual([...share].sort((a, b) => a - b))
    expect(shares.flat().sort((a, b) => a - b)).toEqual(buckets)
  })

  it('gives a shard beyond the count nothing', () => {
    expect(bucketsOf({ index: 5, count: 5 })).toEqual([])
  })
})

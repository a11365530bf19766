import { describe, expect, it } from 'vitest'
import { BUCKET_COUNT, bucketOf } from './bucket.ts'
import { hash32 } from './hash.ts'

const SAMPLE = 102_400

describe('hash32', () => {
  it('is the same for ever', () => {
    expect(['', 'a', 'order-1', 'ünï©ode'].map(hash32)).toMatchInlineSnapshot(`
      [
        2872998923,
        444641715,
        2449496732,
        2365182370,
      ]
    `)
  })

  it('is an unsigned whole number of 32 bits', () => {
    for (let n = 0; n < 1000; n++) expect(hash32(`x${n}`) >>> 0).toBe(hash32(`x${n}`))
  })

  it('turns about half of the bits for any one character', () => {
    let turned = 0
    for (let n = 0; n < 2000; n++) {
      let difference = hash32(`order-${n}-a`) ^ hash32(`order-${n}-b`)
      for (; difference !== 0; difference &= difference - 1) turned++
    }
    expect(turned / 2000).toBeGreaterThan(15)
    expect(turned / 2000).toBeLessThan(17)
  })
})

describe('bucketOf', () => {
  it.each([
    ['ascending numbers', (n: number) => `order-${n}`],
    ['numbers in front', (n: number) => `${n}-order`],
    ['hexadecimal', (n: number) => (n * 2654435761).toString(16).padStart(16, '0')],
  ])('spreads ids of %s evenly', (_, idOf) => {
    const filled = new Array<number>(BUCKET_COUNT).fill(0)
    for (let n = 0; n < SAMPLE; n++) filled[bucketOf(idOf(n))]!++
    const mean = SAMPLE / BUCKET_COUNT
    const chiSquare = filled.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
    // For 1,023 degrees of freedom: mean 1,023, standard deviation 45; five of them either way.
    expect(chiSquare).toBeGreaterThan(1023 - 5 * 45)
    expect(chiSquare).toBeLessThan(1023 + 5 * 45)
  })
})

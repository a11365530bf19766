import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BATCH_BYTES, CHUNK_BYTES, cutBodies, joinBodies, MAX_MESSAGE_BYTES } from './frames.ts'

const bodies = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 })

test('what was joined is cut into the same bodies, empty ones too', () => {
  fc.assert(
    fc.property(bodies, (parts) => {
      const cut = cutBodies(
        joinBodies(parts),
        parts.map((part) => part.byteLength),
      )
      expect(cut.map((part) => [...part])).toEqual(parts.map((part) => [...part]))
    }),
  )
})

test('cutting copies nothing', () => {
  const joined = joinBodies([Uint8Array.of(1, 2), Uint8Array.of(3)])
  expect(cutBodies(joined, [2, 1]).every((part) => part.buffer === joined.buffer)).toBe(true)
})

test('sizes that do not add up are refused', () => {
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 100 }), fc.boolean(), (parts, by, more) => {
      const sizes = parts.map((part) => part.byteLength)
      const total = sizes.reduce((sum, size) => sum + size, 0)
      fc.pre(more || total >= by)
      const joined = new Uint8Array(more ? total + by : total - by)
      expect(() => cutBodies(joined, sizes)).toThrow(RangeError)
    }),
  )
})

test('a batch and its envelopes fit a message', () => {
  expect(BATCH_BYTES + CHUNK_BYTES).toBeLessThan(MAX_MESSAGE_BYTES)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HandOutShards } from './hand-out-shards.ts'

test('every hand-out gives each member a shard of its own, and epochs never fall, whoever leads', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('handOut' as const), members: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')) }),
    fc.record({ kind: fc.constant('lead' as const), again: fc.boolean() }),
    fc.record({ kind: fc.constant('raise' as const), by: fc.integer({ min: -(2 ** 33), max: 2 ** 33 }) }),
  )
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const shards = new HandOutShards()
      let leader = 1
      let last = 0
      shards.lead(leader)
      for (const one of events) {
        if (one.kind === 'lead') shards.lead(one.again ? leader : ++leader)
        if (one.kind === 'raise') {
          shards.raiseTo(last + one.by)
          last = Math.max(last, last + one.by)
        }
        if (one.kind !== 'handOut') continue
        const handOut = shards.handOut(one.members)
        expect([...handOut.keys()]).toEqual([...one.members].sort())
        expect([...handOut.values()].map(({ index }) => index)).toEqual(one.members.map((_, index) => index))
        for (const { epoch, count } of handOut.values()) {
          expect(count).toBe(one.members.length)
          expect(epoch).toBeGreaterThan(last)
          expect(epoch).toBeGreaterThan(leader * 2 ** 32)
        }
        last = Math.max(last, shards.epoch)
      }
    }),
  )
})

test('the same members get the same shards from every manager', () => {
  const indexes = (ids: string[]) => [...new HandOutShards().handOut(ids)].map(([id, { index }]) => [id, index])
  expect(indexes(['b', 'a', 'c'])).toEqual(indexes(['c', 'b', 'a']))
})
